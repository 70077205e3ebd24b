"""The commands that a schedule runs: a retraining, and a way that is open."""

import sys

import pytest

from scripts import retrain, try_serving
from scripts.cli.command import CommandError


@pytest.fixture
def here(cancer_server, monkeypatch):
    for name, value in cancer_server.installation.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SERVING_URL", str(cancer_server.client.base_url))
    monkeypatch.chdir(cancer_server.installation.folder)
    monkeypatch.setattr(sys, "argv", ["command"])
    return cancer_server


def test_a_retraining_is_asked_for(here, capsys):
    retrain.main()
    newest = here.client.get("/retrainings").json()["retrainings"][0]
    assert f"Retraining {newest['id']} is in the queue." in capsys.readouterr().out
    assert (newest["trigger"], newest["actor"]) == ("by hand", "admin")


def test_the_whole_way_is_tried(here, capsys):
    try_serving.main()
    assert "the answer is on record" in capsys.readouterr().out


def test_a_serving_that_is_not_there_is_told(here, monkeypatch):
    monkeypatch.setenv("SERVING_URL", "http://127.0.0.1:9")
    with pytest.raises(CommandError, match="does not answer"):
        try_serving.main()
