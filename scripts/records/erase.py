"""Forgets what is on record about a subject or a prediction, with serving up or down.

`make erase SUBJECT=order-17`. Predictions and reviews go, their feedback is emptied, Parquet files
of the history are written anew without them, `prod_data.csv` follows within a moment, and the next
training does not see it. Versions that were trained before, reports and backups keep what they
hold. That it was done is noted in the table `erasures`, without what it was.
"""

import argparse

from pipeline.history.subjects import Erased
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.parquet_history import erasing
from pipeline.parquet_history.erasing import Criterion
from pipeline.parquet_history.history_lock import HistoryBusy
from pipeline.parquet_history.reading import Names
from pipeline.settings import Settings, load_settings
from pipeline.store.database import connect, create_schema
from scripts.cli.command import CommandError, run
from scripts.records.observed_names import feature_and_value, observed_names


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.records.erase", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--subject", help="as the caller of /predict named it")
    which.add_argument("--prediction-id", help="of one prediction")
    which.add_argument("--where", type=feature_and_value, help="all rows with feature=value")
    options = parser.parse_args()
    wanted = Criterion(options.subject, options.prediction_id, options.where)
    found = erase(load_settings(), wanted)
    print(f"Erased: predictions {found.predictions:,}, answers {found.answers:,}.")


def erase(settings: Settings, wanted: Criterion) -> Erased:
    engine = connect(settings.store)
    try:
        create_schema(engine)
        names = observed_names(settings) if wanted.where is not None else {}
        _refuse_unknown(wanted, names)
        return erasing.erase(engine, wanted, names, "admin")
    except (ObjectsUnavailable, HistoryBusy) as error:
        raise CommandError(f"{error} Run it again: it finishes what is left.") from None
    finally:
        engine.dispose()


def _refuse_unknown(wanted: Criterion, names: Names) -> None:
    """A feature that is spelled wrong would find nobody, and look as if there were none."""
    known = [name for features in names.values() for name in features]
    if wanted.where is not None and wanted.where[0] not in known:
        raise CommandError(f"The live version has no feature {wanted.where[0]!r}.")


if __name__ == "__main__":
    run(main)
