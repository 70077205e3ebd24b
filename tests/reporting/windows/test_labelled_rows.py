"""Labelled rows, each with the error that its own version was expected to make."""

import pytest

from reporting.drift.error_drift import cautious
from reporting.windows.labelled_rows import Expectations
from tests.support.loops import Loop


@pytest.fixture
def loop(cancer, tmp_path):
    made = Loop(cancer.copy(tmp_path / "cancer"))
    yield made
    made.engine.dispose()


def test_each_version_is_expected_to_err_as_it_did_out_of_fold(loop):
    number = loop.publish(out_of_fold={"accuracy": 0.8, "rows": 400})
    assert Expectations(loop.artifacts).of(number, live=0.1) == cautious(1 - 0.8, 400)


@pytest.mark.parametrize("known", [{"out_of_fold": None}, {}])
def test_without_such_scores_it_is_as_the_live_one(loop, known):
    """Versions of older releases have none, and some versions are gone."""
    number = loop.publish(**known) if known else "0099"
    assert Expectations(loop.artifacts).of(number, live=0.1) == 0.1
    assert Expectations(loop.artifacts).of(None, live=0.1) == 0.1
