"""`make rollback`: one command, with serving up or down, on record when there is a store."""

import pytest

from pipeline.registry.signed_folder import UntrustedArtifact
from scripts.rollback import previous, roll_back
from tests.support.models_and_records.loops import Loop


@pytest.fixture
def loop(cancer, tmp_path):
    made = Loop(cancer.copy(tmp_path / "cancer"))
    yield made
    made.engine.dispose()


def test_without_a_version_it_goes_back_to_the_one_before(loop):
    loop.artifacts.activate(loop.publish())
    assert previous(loop.artifacts) == "0001"


def test_without_one_before_it_says_which_there_are(loop):
    with pytest.raises(
        UntrustedArtifact, match="No version was live before this one; there are: 0001"
    ):
        previous(loop.artifacts)


def test_the_version_is_live_and_the_decision_on_record(loop, capsys):
    loop.artifacts.activate(loop.publish())
    roll_back(loop.settings, loop.artifacts, "0001")
    assert loop.live == "0001"
    assert capsys.readouterr().out == "Version 0001 is live, before it was 0002.\n"
    row = loop.decisions()[0]
    assert (row["state"], row["trigger"], row["parent"]) == ("rolled back", "by hand", "0002")


def test_a_version_that_is_refused_changes_nothing(loop):
    with pytest.raises(UntrustedArtifact, match="no version '0009'"):
        roll_back(loop.settings, loop.artifacts, "0009")
    assert loop.live == "0001"
    assert loop.decisions() == []


def test_it_goes_back_although_the_store_is_away(loop, capsys, cancer):
    loop.artifacts.activate(loop.publish())
    away = loop.settings.store.model_copy(update={"url": "postgresql://boucle@127.0.0.1:1/none"})
    settings = loop.settings.model_copy(update={"store": away})
    roll_back(settings, loop.artifacts, "0001")
    assert loop.live == "0001"
    assert "The store is away, so the decision is not on record" in capsys.readouterr().err
