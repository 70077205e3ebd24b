"""Each labelled row is expected to be wrong as its own version foretold, by how sure it was."""

from types import SimpleNamespace

import numpy as np
import pytest
from sqlalchemy import delete

from pipeline.quality.calibration import cautious
from pipeline.store.tables import predictions
from reporting.windows.expected_errors import ExpectedErrors
from reporting.windows.labelled_rows import read_labelled
from reporting.windows.reference_file import read_calibration, read_reference


def answer_some(traffic, rows=60):
    values, targets = traffic.draw(rows)
    traffic.answer(traffic.predict(values), targets)


def expected_of(traffic, live="0001"):
    artifacts = traffic.installation.artifacts()
    return [
        row.expected for row in read_labelled(traffic.engine, 0, live, ExpectedErrors(artifacts))
    ]


def rate_of(version):
    reference = read_reference(version)
    return cautious(reference.error, len(reference.targets))


def test_a_row_is_likelier_wrong_where_its_version_was_less_sure(fresh):
    answer_some(fresh)
    with fresh.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT probabilities FROM predictions ORDER BY seq")
        sure = np.array([np.frombuffer(row.probabilities).max() for row in kept])
    expected = np.array(expected_of(fresh))
    calibration = read_calibration(fresh.version, read_reference(fresh.version))
    assert np.array_equal(expected, calibration.wrong(sure))
    assert expected[sure.argmin()] > expected[sure.argmax()]


def test_rows_of_an_earlier_version_stay_measured_by_what_it_foretold(fresh):
    answer_some(fresh)
    before = expected_of(fresh)
    fresh.installation.train()
    assert expected_of(fresh, live="0002") == before


def test_without_a_record_of_its_probabilities_a_row_is_as_others_of_its_version(fresh):
    answer_some(fresh)
    with fresh.engine.begin() as connection:
        connection.execute(delete(predictions))
    assert set(expected_of(fresh)) == {rate_of(fresh.version)}


@pytest.mark.parametrize("version", ["0099", None])
def test_rows_of_a_version_that_is_gone_are_as_those_of_the_live_one(fresh, version):
    row = SimpleNamespace(version=version, probabilities=np.array([0.9, 0.1]).tobytes())
    errors = ExpectedErrors(fresh.installation.artifacts())
    assert errors.of([row], live="0001") == [rate_of(fresh.version)]
