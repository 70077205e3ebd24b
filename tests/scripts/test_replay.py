"""`scripts/replay.py`: recorded observations through another version."""

import csv
import sys

import pytest

from scripts.cli.command import CommandError
from scripts.replay import main, moment
from tests.reporting.traffic import Traffic
from tests.support.models_and_records.loops import Loop

MIDNIGHT = 1_767_225_600.0  # 2026-01-01 UTC


@pytest.fixture
def loop(cancer, tmp_path, monkeypatch):
    made = Loop(cancer.copy(tmp_path / "cancer"))
    monkeypatch.setattr("scripts.replay.load_settings", lambda: made.settings)
    yield made
    made.engine.dispose()


@pytest.fixture
def traffic(loop):
    made = Traffic(loop.installation)
    yield made
    made.engine.dispose()


def call(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["replay", *arguments])
    main()


def test_the_version_that_answered_answers_the_same(traffic, monkeypatch, capsys):
    traffic.predict(traffic.draw(1_500)[0])
    call(monkeypatch, "--version", "1")
    said = capsys.readouterr().out
    assert "Version 0001 over 1,500 predictions" in said
    assert "answered then by 0001 (1,500)" in said
    assert "The same answer in 100.0%." in said
    assert "No label of these is known" in said


def test_a_worse_version_is_seen_to_be_worse(loop, traffic, monkeypatch, capsys, tmp_path):
    worse = loop.publish(share=0.45)
    traffic.run(rows=300, labelled=300)
    call(monkeypatch, "--version", worse, "--out", str(tmp_path / "answers.csv"))
    said = capsys.readouterr().out
    assert "300 have a label." in said
    then, now = (
        float(line.split("accuracy ")[1].split("%")[0])
        for line in said.splitlines()
        if line.startswith("  ") and "balanced" in line
    )
    assert now < then - 5
    with (tmp_path / "answers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 300
    changed = sum(row["prediction"] != row["replayed"] for row in rows)
    assert f"The same answer in {1 - changed / 300:.1%}." in said
    right = sum(row["replayed"] == row["target"] for row in rows)
    assert now == pytest.approx(right / 3, abs=0.06)


def test_labels_that_it_may_have_learned_from_are_not_counted(loop, traffic, monkeypatch, capsys):
    traffic.run(rows=100, labelled=100)
    learned = loop.publish(production_through=60)
    call(monkeypatch, "--version", learned)
    assert f"Version {learned} may have learned from 60 of them" in capsys.readouterr().out


def test_only_the_time_that_is_asked_for(traffic, monkeypatch, capsys):
    for hour in range(4):
        traffic.predict(traffic.draw(10)[0], MIDNIGHT + 3_600 * hour)
    between = ("--from", "2026-01-01T00:30", "--to", "2026-01-01T03:30+01:00")
    call(monkeypatch, "--version", "0001", *between)
    said = capsys.readouterr().out
    assert "over 20 predictions from 2026-01-01 01:00 to 2026-01-01 02:00 UTC" in said
    with pytest.raises(CommandError, match="No prediction was recorded in that time"):
        call(monkeypatch, "--version", "0001", "--from", "2027-01-01")


def test_before_the_first_prediction_it_says_so(loop, monkeypatch):
    database = loop.installation.folder / "never.db"
    store = loop.settings.store.model_copy(update={"url": f"sqlite:///{database}"})
    loop.settings = loop.settings.model_copy(update={"store": store})
    with pytest.raises(CommandError, match="No prediction was recorded"):
        call(monkeypatch, "--version", "0001")


def test_a_folder_that_is_not_there_is_told_before_the_work(loop, monkeypatch, capsys, tmp_path):
    with pytest.raises(SystemExit):
        call(monkeypatch, "--version", "0001", "--out", str(tmp_path / "none" / "answers.csv"))
    assert "is no folder" in capsys.readouterr().err


def test_a_time_without_a_zone_is_utc():
    assert moment("2026-01-01") == moment("2026-01-01T01:00+01:00") == MIDNIGHT


def test_what_another_schema_recorded_is_left_out(loop, traffic, monkeypatch, capsys):
    traffic.predict(traffic.draw(10)[0])
    with loop.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE predictions SET observation = '[1, 2]' WHERE seq < 4")
    call(monkeypatch, "--version", "0001")
    said = capsys.readouterr().out
    assert "over 7 predictions" in said
    assert "3 more are left out" in said
