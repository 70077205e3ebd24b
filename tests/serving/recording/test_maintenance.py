"""What the maintenance thread does while requests are served."""

import pytest

from pipeline.store.database import connect, create_schema
from pipeline.store.tables import predictions
from serving.recording.maintenance import StoreMaintenance
from serving.telemetry.error_count import ErrorCount
from serving.telemetry.request_id_log import RequestIdLog
from tests.pipeline.history.records import predict
from tests.support.models_and_records.histories import stored


@pytest.mark.parametrize(("place", "left"), [("", 0), ("history", 3)])
def test_old_predictions_are_forgotten_unless_they_are_to_be_moved(settings, place, left):
    wanted = settings(store__history=place)
    engine = connect(wanted.store)
    create_schema(engine)
    predict(engine, at=1_000.0, count=3)
    StoreMaintenance(engine, wanted, ErrorCount(), RequestIdLog())._prune(2_000.0)
    assert stored(engine, predictions) == left
    engine.dispose()
