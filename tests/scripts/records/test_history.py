"""Old rows are moved by the trainer, read back by a command, erased, saved and set aside."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from pipeline.data.schema import columns_of
from pipeline.registry.prepared import load_prepared
from pipeline.store.records import new_ids
from pipeline.store.tables import feedback, predictions
from scripts.maintenance.archive import archive
from scripts.maintenance.backup_bundle import backup
from scripts.maintenance.restore_bundle import restore
from tests.support.models_and_records.histories import answer, name_subject
from tests.support.models_and_records.loops import Loop
from tests.support.processes.servers import ROOT, wait_for
from tests.support.processes.trainers import TrainerProcess

OLD = 1_000_000.0


@pytest.fixture(params=["beside", "inside"])
def installation(request, cancer, tmp_path):
    """The history beside the artifacts, or in their folder."""
    folder = tmp_path / "one"
    place = folder / ("history" if request.param == "beside" else "artifacts/history")
    return cancer.copy(folder, STORE__HISTORY=str(place), REPORTING__WINDOW="50")


@pytest.fixture
def loop(installation):
    made = Loop(installation)
    yield made
    made.engine.dispose()


@pytest.fixture
def ids(loop):
    """Sixty old predictions of the first rows, twenty of them answered; and fifty later answers."""
    schema = load_prepared(loop.settings, loop.artifacts).embedding.schema
    made, size = sorted(new_ids(OLD, 60)), len(columns_of(schema))
    name = loop.prepared.embedding.embedding_id
    with loop.engine.begin() as connection:
        for place, number in enumerate(made):
            seen = json.dumps([place % 2 + 0.5, *[1.0] * (size - 1)]).encode()
            row = {"id": number, "at": OLD, "version": "0001", "embedding_id": name}
            row |= {"observation": seen, "vector": b"\0" * 8 * size, "pca_residual": 0.0}
            row |= {"prediction": "benign", "probabilities": b"\0" * 16}
            connection.execute(predictions.insert().values(**row))
    answer(loop.engine, made[:20], "benign", at=OLD + 60)
    name_subject(loop.engine, made[18:22], "order-17")
    loop.feed(50)
    return made


def call(installation, command, *options):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("BOUCLE_")}
    return subprocess.run(
        [sys.executable, "-m", f"scripts.records.{command}", *options],
        env={**environment, **installation.environment, "PYTHONPATH": str(ROOT)},
        cwd=installation.folder,
        capture_output=True,
        text=True,
        check=False,
    )


def read(installation, *options):
    said = call(installation, "history", "read", *options)
    assert said.returncode == 0, said.stderr
    return list(csv.DictReader(said.stdout.splitlines()))


@pytest.mark.slow
def test_moved_rows_are_read_erased_saved_and_brought_back(installation, loop, ids, tmp_path):
    said = call(installation, "history", "move")
    assert "60 rows were moved" in said.stdout, said.stderr
    feature = columns_of(loop.prepared.embedding.schema)[0].name
    assert len(read(installation)) == 110
    assert len(read(installation, "--feedback")) == 70
    assert len(read(installation, "--to", "1990-01-01", "--where", f"{feature}=1.5")) == 30
    said = call(installation, "erase", "--subject", "order-17")
    assert said.stdout == "Erased: predictions 4, answers 2.\n", said.stderr
    said = call(installation, "erase", "--where", f"{feature}=1.5")
    assert said.stdout == "Erased: predictions 28, answers 9.\n", said.stderr
    assert "no feature" in call(installation, "erase", "--where", "nothing=1").stderr
    left = read(installation)
    assert len(left) == 110 - 4 - 28
    backup(installation.settings(), tmp_path / "b.tar.gz")
    loop.engine.dispose()
    restore(installation.settings(), tmp_path / "b.tar.gz")
    assert read(installation) == left
    archive(installation.settings())
    assert not Path(installation.settings().store.history).exists()


@pytest.mark.slow
def test_the_trainer_moves_what_is_old(installation, loop, ids):
    trainer = TrainerProcess(installation)
    try:
        wait_for(lambda: "60 rows were moved" in trainer.log.read_text())
    finally:
        trainer.stop()
    with loop.engine.connect() as connection:
        assert connection.execute(select(predictions)).all() == []
        assert len(connection.execute(select(feedback)).all()) == 70


def test_without_a_place_it_is_a_sentence(installation):
    off = installation.with_knobs(STORE__HISTORY="")
    assert call(off, "history", "move").stderr == (
        "store.history is empty: old rows are not moved.\n"
    )
