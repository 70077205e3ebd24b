"""One retraining from the stored rows to a published version and a verdict. Run by the trainer."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Engine, select

from pipeline.embedding.vectors import EmbeddingMismatch
from pipeline.explain.importance import importance_files
from pipeline.model.training import calibration_curve, holdout_files, score_holdout
from pipeline.production.production_rows import ProductionRows
from pipeline.production.sampled_rows import digest_of, read_sampled_rows
from pipeline.progress import Progress
from pipeline.quality.metrics import score_predictions
from pipeline.registry.prepared import PreparedData, load_prepared
from pipeline.registry.registry import ModelRegistry
from pipeline.retraining.challenger import Challenger, SingleLabel, challenge
from pipeline.retraining.champion import Champion, load_champion
from pipeline.retraining.evaluation import Pairing
from pipeline.retraining.foreign_model import ForeignModel, ForeignRefused, read_foreign
from pipeline.retraining.gate import Verdict
from pipeline.retraining.new_feedback import NewFeedback, inspect_new_feedback
from pipeline.settings import Settings
from pipeline.store.decision_log import PROMOTED, REJECTED, ROLLED_BACK, SHADOWED, Decision
from pipeline.store.tables import retrainings


def retrain(
    settings: Settings,
    artifacts: ModelRegistry,
    engine: Engine,
    trigger: str,
    progress: Progress,
    foreign: bytes | None = None,
) -> Decision:
    """Train a challenger on reference and production, judge it, and publish it.

    `foreign` is the file of a model that was trained elsewhere, which is judged instead. Nothing is
    put live here: the worker that holds the lease of the job does that.
    """
    progress("reading rows", 0.0)
    prepared = load_prepared(settings, artifacts)
    embedding_id = prepared.embedding.embedding_id
    labels = prepared.embedding.schema.labels
    production = read_sampled_rows(settings, engine, embedding_id, labels)
    try:
        live = load_champion(artifacts, embedding_id)
    except EmbeddingMismatch as error:
        return Decision(REJECTED, f"rejected: {error}")
    parent = live.number if live else None
    try:
        given = read_foreign(foreign) if foreign is not None else None
    except ForeignRefused as error:
        return Decision(REJECTED, f"rejected: {error}", parent=parent)
    found = inspect_new_feedback(settings, prepared, engine, live)
    if found.failed and settings.retraining.data_tests == "block":
        return found.refuse(parent)
    rolled_back = feedback_rows_at_last_rollback(engine)
    decision = train_and_publish(
        settings,
        artifacts,
        prepared,
        production,
        live,
        rolled_back,
        trigger,
        progress,
        found,
        given,
    )
    if given is None:
        return decision
    return replace(decision, reason=f"{decision.reason} ({given.source})")


def train_and_publish(
    settings: Settings,
    artifacts: ModelRegistry,
    prepared: PreparedData,
    production: ProductionRows,
    live: Champion | None,
    rolled_back: int | None,
    trigger: str,
    progress: Progress,
    found: NewFeedback,
    given: ForeignModel | None = None,
) -> Decision:
    """Like `retrain`, with rows that are read already."""
    parent = live.number if live else None
    try:
        challenger = challenge(settings, prepared, production, live, rolled_back, progress, given)
    except (SingleLabel, ForeignRefused) as error:
        return Decision(REJECTED, f"rejected: {error}", parent=parent)
    verdict = found.note(challenger.verdict)
    rows = int(production.seqs[-1]) if len(production) else 0
    numbers = {**verdict.numbers, "trained_rows": len(challenger.candidate.places), "rows": rows}
    progress("compiling", 0.9)
    scorer = challenger.candidate.trained.scorer()
    progress("explaining", 0.92)
    explained = importance_files(prepared, scorer, settings.training)
    progress("publishing", 0.97)
    trained, holdout = challenger.candidate.trained, prepared.holdout
    of_holdout = score_holdout(trained.model, holdout)
    version = artifacts.publish(
        {
            **prepared.embedding_files(),
            **trained.files,
            **holdout_files(of_holdout, holdout),
            **explained,
        },
        {
            **_facts(prepared, production, challenger),
            "calibration": calibration_curve(trained, of_holdout, holdout),
            "parent": parent,
            "trigger": trigger,
            "decision": verdict.reason,
            "numbers": numbers,
        },
    )
    shadow_rows = settings.retraining.shadow_rows if live else 0
    return Decision(*_conclude(verdict, shadow_rows), version.manifest["version"], parent, numbers)


def _conclude(verdict: Verdict, shadow_rows: int) -> tuple[str, str]:
    """The state and the reason; with shadow rows nothing is promoted by the gate alone."""
    if not verdict.promote:
        return REJECTED, verdict.reason
    if shadow_rows:
        reason = verdict.reason.removeprefix(f"{PROMOTED}: ")
        return SHADOWED, f"in shadow until {shadow_rows} labelled rows have come: {reason}"
    return PROMOTED, verdict.reason


def feedback_rows_at_last_rollback(engine: Engine) -> int | None:
    """How many feedback rows there were at the last rollback, None if a promotion came after it."""
    query = (
        select(retrainings.c.state, retrainings.c.numbers)
        .where(retrainings.c.state.in_((PROMOTED, ROLLED_BACK)))
        .order_by(retrainings.c.finished_at.desc(), retrainings.c.id.desc())
        .limit(1)
    )
    with engine.execution_options(readonly=True).connect() as connection:
        row = connection.execute(query).first()
    if row is None or row.state != ROLLED_BACK:
        return None
    rows = json.loads(row.numbers or "{}").get("rows")
    return None if rows is None else int(rows)


def _facts(
    prepared: PreparedData, production: ProductionRows, challenger: Challenger
) -> dict[str, Any]:
    labels, trained = prepared.embedding.schema.labels, challenger.candidate.trained
    holdout, recent = challenger.evidence.holdout, challenger.evidence.judges
    facts = prepared.facts()
    facts["rows"] = {
        **facts["rows"],
        "trained": len(challenger.candidate.places),
        "production": int((~challenger.judges).sum()),
        "evaluation": int(challenger.judges.sum()),
    }
    return {
        **facts,
        **trained.facts(),
        "production_through": int(production.seqs[-1]) if len(production) else 0,
        "production_held": len(production),
        "production_digest": digest_of(production.seqs),
        "learned_since": challenger.candidate.since,
        "usual_classifier": challenger.usual,
        "scores": {"holdout": _score(labels, holdout), "recent": _score(labels, recent)},
    }


def _score(labels: Sequence[str], pairing: Pairing) -> dict[str, Any] | None:
    if len(pairing) == 0:
        return None
    return asdict(score_predictions(labels, pairing.targets, pairing.challenger))
