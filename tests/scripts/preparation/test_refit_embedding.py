"""prepare --refit: a new embedding that knows the feedback, and everything brought to it."""

import contextlib
import json
import sys
import time

import numpy as np
import pytest
from sqlalchemy import select, update

from pipeline.data.load import load_dataset
from pipeline.registry.prepared import (
    NotPrepared,
    embedding_of,
    load_prepared,
    open_active_embedding,
)
from pipeline.registry.registry import open_registry
from pipeline.retraining.retrain import retrain
from pipeline.store.csv_mirror import FILE, export_feedback
from pipeline.store.decision_log import latest
from pipeline.store.encoding import pack
from pipeline.store.feedback_log import Feedback, InlineObservation, write_feedback
from pipeline.store.prediction_log import PredictionWriter, new_ids
from pipeline.store.production_rows import read_production_rows
from pipeline.store.reembedding import count_stale_rows
from pipeline.store.tables import connect, create_schema, feedback, predictions, retrainings
from scripts.cli.command import CommandError
from scripts.preparation import refit_embedding as command
from scripts.prepare import main
from serving.recording.pending import CommitGroup, PendingPredictions
from serving.recording.spool import Spool
from serving.recording.stale_embeddings import StaleEmbeddings
from serving.recording.writer import StoreWriter
from serving.scoring.live_model import LiveModelWatcher
from tests.support.versions import make_version

pytestmark = pytest.mark.slow

FED = 40


class Site:
    """Iris with a version, and flowers twice as large in the feedback."""

    def __init__(self, settings):
        self.settings = settings
        self.artifacts = open_registry(settings.artifacts)
        self.version = make_version(settings)
        self.engine = connect(settings.store)
        create_schema(self.engine)
        dataset = load_dataset(settings)
        self.rows, self.targets = dataset.rows[:FED] * 2 + 1, dataset.targets[:FED].tolist()
        self.ids = self.predict(self.rows)
        self.give(
            [Feedback(t, prediction_id=i) for i, t in zip(self.ids, self.targets, strict=True)]
        )

    @property
    def embedding(self):
        return embedding_of(open_active_embedding(self.artifacts))

    def predict(self, rows):
        now, embedding = time.time(), self.embedding
        vectors, residuals = embedding.embed(rows)
        ids = new_ids(now, len(rows))
        written = [
            (
                *(number, now, "0001", embedding.embedding_id, json.dumps(row.tolist()).encode()),
                *(pack(vector), float(residual), "setosa", pack(np.ones(3) / 3)),
            )
            for number, row, vector, residual in zip(ids, rows, vectors, residuals, strict=True)
        ]
        with contextlib.closing(PredictionWriter(self.engine)) as log:
            log.write(written)
        return ids

    def give(self, given):
        with self.engine.begin() as connection:
            return write_feedback(connection, given, 10_000)

    def read(self, *columns):
        with self.engine.execution_options(readonly=True).connect() as connection:
            return connection.execute(select(*columns).order_by(columns[0])).all()

    def decisions(self):
        with self.engine.connect() as connection:
            return latest(connection, 10)


@pytest.fixture
def site(settings):
    made = Site(settings(dataset__source="iris", retraining__gate="off"))
    yield made
    made.engine.dispose()


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["prepare.py", *arguments])
    main()


def test_the_new_embedding_knows_the_feedback_and_the_old_one_is_kept(site, monkeypatch):
    before = site.embedding
    run(monkeypatch, "--refit")
    assert site.embedding.embedding_id != before.embedding_id
    assert site.embedding.steps.centres[0] > before.steps.centres[0]
    kept = {path.name for path in (site.artifacts.folder / "embeddings").iterdir()}
    assert kept == {before.embedding_id, site.embedding.embedding_id}


def test_what_only_judges_is_not_learned_from(site, monkeypatch):
    fitted = []
    real = command.fit
    monkeypatch.setattr(command, "fit", lambda *given: fitted.append(given[-1]) or real(*given))
    run(monkeypatch, "--refit")
    judging = int(fitted[0].feedback.evaluation.sum())
    assert 0 < judging < FED
    assert len(fitted[0].to_fit_on()) == 120 + FED - judging


def test_predictions_and_feedback_are_embedded_anew_from_what_was_observed(site, monkeypatch):
    own = InlineObservation(
        json.dumps(site.rows[0].tolist()).encode(), b"", 0.0, site.embedding.embedding_id, "a"
    )
    site.give([Feedback("setosa", observed=own)])
    run(monkeypatch, "--refit")
    vectors, residuals = site.embedding.embed(site.rows)
    for table in (predictions, feedback):
        stored = site.read(table.c.seq, table.c.vector, table.c.pca_residual)[:FED]
        assert [row.vector for row in stored] == [pack(vector) for vector in vectors]
        assert [row.pca_residual for row in stored] == pytest.approx(residuals.tolist())
    assert site.read(feedback.c.seq, feedback.c.vector)[-1].vector == pack(vectors[0])
    assert count_stale_rows(site.engine, site.embedding.embedding_id) == 0


def test_what_was_answered_then_stays_as_it_was(site, monkeypatch):
    columns = (predictions.c.seq, predictions.c.version, predictions.c.prediction, predictions.c.id)
    before = site.read(*columns)
    run(monkeypatch, "--refit")
    assert site.read(*columns) == before


def test_reference_holdout_and_mirror_are_of_the_new_embedding(site, monkeypatch):
    run(monkeypatch, "--refit")
    prepared = load_prepared(site.settings, site.artifacts)
    assert prepared.reference.embedding_id == site.embedding.embedding_id
    with site.engine.connect() as connection:
        exported = export_feedback(connection, site.embedding.columns)
    assert (site.settings.paths.data / FILE).read_bytes() == exported
    assert len(exported.splitlines()) == FED + 1


def test_a_version_of_the_new_embedding_is_live_and_the_decision_on_record(site, monkeypatch):
    run(monkeypatch, "--refit")
    live = site.artifacts.current().manifest
    assert (live["version"], live["parent"]) == ("0002", "0001")
    assert live["embedding_id"] == site.embedding.embedding_id
    assert live["rows"]["trained"] > 120
    (decision,) = site.decisions()
    assert [decision[name] for name in ("trigger", "state", "version")] == [
        *("refit by hand", "promoted", "0002")
    ]
    assert decision["numbers"]["live_holdout"] is not None


def test_retraining_goes_on_under_the_new_embedding(site, monkeypatch):
    run(monkeypatch, "--refit")
    decision = retrain(site.settings, site.artifacts, site.engine, "by hand", lambda *_: None)
    assert (decision.state, decision.version, decision.parent) == ("promoted", "0003", "0002")


def test_another_count_of_components_may_be_asked_for(site, monkeypatch):
    monkeypatch.setenv("BOUCLE_EMBEDDING__COMPONENTS", "3")
    run(monkeypatch, "--refit")
    assert site.embedding.width == 3
    assert len(read_production_rows(site.engine, site.embedding.embedding_id).values[0]) == 3
    run(monkeypatch)  # prepared with these settings now


@pytest.mark.parametrize(
    ("knob", "value"), [("EMBEDDING__SEED", "7"), ("DATASET__SOURCE", "digits")]
)
def test_other_rows_are_refused(site, monkeypatch, knob, value):
    monkeypatch.setenv(f"BOUCLE_{knob}", value)
    with pytest.raises(NotPrepared, match="A refit takes the same rows as before"):
        run(monkeypatch, "--refit")


def test_a_source_that_has_changed_is_refused(settings, shop, monkeypatch):
    wanted = settings(dataset__source="shop.csv")
    make_version(wanted)
    shop.write_text(shop.read_text() + "yes,1,2,Bern,buys\n", encoding="utf-8")
    with pytest.raises(NotPrepared, match=r"shop\.csv does not hold the rows that were prepared"):
        run(monkeypatch, "--refit")


def test_it_works_on_a_table_with_gaps_and_categories(settings, shop, monkeypatch):
    wanted = settings(dataset__source="shop.csv", retraining__gate="off")
    made = make_version(wanted)
    embedding, engine = embedding_of(made), connect(wanted.store)
    create_schema(engine)
    seen = InlineObservation(b'[null,99,1,"Atlantis"]', b"", 0.0, embedding.embedding_id, "buys")
    with engine.begin() as connection:
        write_feedback(connection, [Feedback("leaves", observed=seen)] * 3, 10_000)
    run(monkeypatch, "--refit")
    now = embedding_of(open_active_embedding(open_registry(wanted.artifacts)))
    assert now.embedding_id != embedding.embedding_id
    assert count_stale_rows(engine, now.embedding_id) == 0
    engine.dispose()


def test_while_a_retraining_runs_it_is_declined(site, monkeypatch):
    with (
        command.TrainingLease(site.engine, 30, "by hand"),
        pytest.raises(CommandError, match="is running"),
    ):
        run(monkeypatch, "--refit")


def test_a_gate_that_rejects_leaves_everything_as_it_was(site, monkeypatch, capsys):
    before = site.embedding
    monkeypatch.setenv("BOUCLE_RETRAINING__GATE", "on")
    monkeypatch.setenv("BOUCLE_RETRAINING__MAX_CONTRADICTED", "0")
    with site.engine.begin() as connection:
        connection.execute(update(feedback).values(target="setosa"))
    run(monkeypatch, "--refit")
    assert "Everything stays as it was" in capsys.readouterr().out
    assert site.embedding.embedding_id == before.embedding_id
    assert site.artifacts.live_history() == ["0001"]


class Crash(BaseException):
    """Stands for a power cut."""


@pytest.mark.parametrize(
    "place",
    [
        "train_and_publish",
        "activate_embedding",
        "reembed_stale_rows",
        "bring_along",
        "describe",
        "half embedded",
    ],
)
@pytest.mark.slow
def test_a_run_cut_short_anywhere_is_mended_by_the_next(site, monkeypatch, place):
    def crash(*_):
        raise Crash

    with monkeypatch.context() as patch:
        if place == "half embedded":
            patch.setattr("pipeline.store.reembedding.CHUNK", 15)
            real, calls = command.reembed_stale_rows.__globals__["_write"], []
            patch.setattr(
                "pipeline.store.reembedding._write",
                lambda *given: crash() if len(calls) == 3 else calls.append(real(*given)),
            )
        else:
            patch.setattr(command, place, crash)
        with pytest.raises(Crash):
            run(patch, "--refit")
    run(monkeypatch, "--refit")
    assert count_stale_rows(site.engine, site.embedding.embedding_id) == 0
    assert site.artifacts.current().manifest["embedding_id"] == site.embedding.embedding_id
    load_prepared(site.settings, site.artifacts)
    assert len(read_production_rows(site.engine, site.embedding.embedding_id)) == FED


def test_what_stays_behind_is_named(site, monkeypatch, capsys):
    """A row that lies beyond all numbers under the new embedding."""
    real = command.reembed_stale_rows
    monkeypatch.setattr(command, "reembed_stale_rows", lambda *given: real(*given) + 2)
    run(monkeypatch, "--refit")
    assert "2 rows on record are still of another embedding" in capsys.readouterr().out


def test_fresh_sets_the_records_aside_too(site, workplace, monkeypatch):
    site.engine.dispose()
    run(monkeypatch, "--fresh")
    (aside,) = (workplace / "archive").iterdir()
    assert (aside / "boucle.db").exists()
    assert not (workplace / "store" / "boucle.db").exists()
    kept = connect(site.settings.store.model_copy(update={"url": f"sqlite:///{aside}/boucle.db"}))
    with kept.connect() as connection:
        assert len(connection.execute(select(feedback)).all()) == FED
    kept.dispose()


def test_fresh_is_declined_while_a_service_has_the_records_open(site, workplace, monkeypatch):
    before = site.embedding.embedding_id
    with pytest.raises(CommandError, match="is in use"):
        run(monkeypatch, "--fresh")
    assert site.embedding.embedding_id == before
    assert not (workplace / "archive").exists()
    assert len(site.read(feedback.c.seq)) == FED


def test_fresh_moves_records_that_are_damaged(settings, workplace, monkeypatch):
    wanted = settings(dataset__source="iris")
    make_version(wanted)
    (workplace / "store").mkdir()
    (workplace / "store" / "boucle.db").write_bytes(b"no database " * 1000)
    run(monkeypatch, "--fresh")
    (aside,) = (workplace / "archive").iterdir()
    assert (aside / "boucle.db").read_bytes().startswith(b"no database")


def test_fresh_leaves_a_database_on_a_server_alone_and_says_what_to_do(
    settings, postgres, monkeypatch
):
    url = postgres.make_database()
    wanted = settings(dataset__source="iris", store__url=url)
    make_version(wanted)
    run(monkeypatch, "--fresh")  # there are no tables yet
    engine = connect(wanted.store)
    create_schema(engine)
    with engine.begin() as connection:
        connection.execute(
            retrainings.insert().values(
                trigger="x", state="queued", progress=0, attempts=0, requested_at=0, not_before=0
            )
        )
    engine.dispose()
    with pytest.raises(CommandError, match=r"holds records.* ALTER DATABASE records_\d+ RENAME"):
        run(monkeypatch, "--fresh")


class Following:
    """A worker that still serves the old version when the refit ends, and follows later."""

    def __init__(self, site):
        self.live = LiveModelWatcher(site.artifacts)
        self.live.reload_if_changed()
        self.stale = StaleEmbeddings(site.engine, self.live.embedding, site.artifacts)
        spool = Spool(site.settings.store.spool)
        self.writer = StoreWriter(site.engine, 10_000, spool, self.stale)

    def write(self, site, row):
        """A prediction and feedback on it, of the version that is still in its memory."""
        embedding = self.live.model.embedding
        (number,) = new_ids(time.time(), 1)
        (vector,), (residual,) = embedding.embed(row[None])
        seen = json.dumps(row.tolist()).encode()
        of = ("0001", embedding.embedding_id, seen, pack(vector), float(residual), "setosa", b"")
        self.writer._write(
            CommitGroup([PendingPredictions([(number, time.time(), *of)], lambda: None)])
        )
        site.give([Feedback("setosa", prediction_id=number)])
        return number


def test_what_a_worker_writes_before_it_follows_is_brought_along_once_it_does(site, monkeypatch):
    """It was left in the old embedding when the worker took longer than the refit waited."""
    worker = Following(site)
    run(monkeypatch, "--refit")
    number = worker.write(site, site.rows[0])
    worker.stale.reembed()
    assert count_stale_rows(site.engine, site.embedding.embedding_id) == 2  # it does not follow yet
    worker.live.reload_if_changed()
    assert worker.stale.reembed() == 0
    assert count_stale_rows(site.engine, site.embedding.embedding_id) == 0
    vectors = dict(site.read(predictions.c.id, predictions.c.vector))
    assert vectors[number] == pack(site.embedding.embed(site.rows[:1])[0][0])


def test_what_a_killed_worker_wrote_last_is_brought_along_at_the_next_start(site, monkeypatch):
    killed = Following(site)
    run(monkeypatch, "--refit")
    killed.write(site, site.rows[0])
    Following(site).stale.reembed()
    assert count_stale_rows(site.engine, site.embedding.embedding_id) == 0


def test_a_version_of_the_old_embedding_put_live_again_leaves_the_records_alone(site, monkeypatch):
    run(monkeypatch, "--refit")
    site.artifacts.activate("0001")
    worker = Following(site)
    worker.write(site, site.rows[0])
    worker.stale.reembed()
    assert count_stale_rows(site.engine, site.embedding.embedding_id) == 2


def test_retraining_brings_along_what_nobody_else_did(site, monkeypatch):
    killed = Following(site)
    run(monkeypatch, "--refit")
    killed.write(site, site.rows[0])
    retrain(site.settings, site.artifacts, site.engine, "by hand", lambda *_: None)
    assert count_stale_rows(site.engine, site.embedding.embedding_id) == 0
