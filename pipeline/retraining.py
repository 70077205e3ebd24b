"""One retraining from the stored rows to a published version and a verdict. Run by the trainer."""

import json
from collections import Counter
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine, select

from pipeline.artifacts import Artifacts
from pipeline.challenger import Challenger, OneLabel, challenge
from pipeline.curation import Curated
from pipeline.era import FILE, Era
from pipeline.forgotten import forgotten_files
from pipeline.gate import mark_holdout, recent_scores
from pipeline.importance import importance_files
from pipeline.jobs import PROMOTED, REJECTED, ROLLED_BACK, Decision
from pipeline.live_version import LiveVersion, open_live
from pipeline.parity import ParityBroken
from pipeline.prepared import Prepared, load_prepared
from pipeline.production import Production, read_production
from pipeline.progress import Progress
from pipeline.reembedding import reembed
from pipeline.scores import score_predictions
from pipeline.settings import Settings
from pipeline.store import retrainings
from pipeline.vectors import ForeignVectors


def retrain(
    settings: Settings, artifacts: Artifacts, engine: Engine, trigger: str, progress: Progress
) -> Decision:
    """Train a challenger on reference and production, publish it, and judge it.

    It is not put live here: whoever holds the job's lease does that.
    """
    progress("reading rows", 0.0)
    prepared = load_prepared(settings, artifacts)
    embedding_id = prepared.embedding.embedding_id
    production = _read_rows(engine, prepared)
    live = open_live(artifacts, embedding_id)
    rolled_back = rows_at_rollback(engine)
    return publish_challenger(
        settings, artifacts, prepared, production, live, rolled_back, trigger, progress
    )


def _read_rows(engine: Engine, prepared: Prepared) -> Production:
    """A row that came late to a refit is brought along; one that cannot be is refused."""
    try:
        return read_production(engine, prepared.embedding.embedding_id)
    except ForeignVectors:
        reembed(engine, prepared.embedding)
        return read_production(engine, prepared.embedding.embedding_id)


def publish_challenger(
    settings: Settings,
    artifacts: Artifacts,
    prepared: Prepared,
    production: Production,
    live: LiveVersion | None,
    rolled_back: int | None,
    trigger: str,
    progress: Progress,
) -> Decision:
    """The same for rows that are read already."""
    parent = live.number if live else None
    try:
        challenger = challenge(settings, prepared, production, live, rolled_back, progress)
    except (OneLabel, ParityBroken) as error:
        return Decision(REJECTED, f"rejected: {error}", parent=parent)
    verdict = challenger.verdict
    numbers = {**verdict.numbers, **_describe_rows(challenger.curated, production)}
    progress("explaining", 0.92)
    explained = importance_files(prepared, challenger.trained.scorer(), settings.training)
    forgotten = _forgotten_files(challenger, settings)
    progress("publishing", 0.97)
    version = artifacts.publish(
        {
            **prepared.embedding_files(),
            **challenger.trained.files,
            **explained,
            **forgotten,
            **_describe_era(challenger.curated.era),
        },
        {
            **_facts(settings, prepared, production, challenger),
            "parent": parent,
            "trigger": trigger,
            "decision": verdict.reason,
            "numbers": numbers,
        },
    )
    state = PROMOTED if verdict.promote else REJECTED
    return Decision(state, verdict.reason, version.manifest["version"], parent, numbers)


def _describe_era(era: Era | None) -> dict[str, bytes]:
    return {} if era is None else {FILE: era.to_bytes()}


def rows_at_rollback(engine: Engine) -> int | None:
    """How many feedback rows there were when a version was last rolled back, if it is still so."""
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


def _forgotten_files(challenger: Challenger, settings: Settings) -> dict[str, bytes]:
    curated, trained = challenger.curated, challenger.trained
    if curated.forgotten is None:
        return {}
    share = len(trained.held_out.rows) / len(curated.training)
    return forgotten_files(curated.forgotten, trained.scorer(), share, settings.training.seed)


def _count_labels(production: Production, changed_since: int | None) -> dict[str, int] | None:
    """Rows of each label in the world as it is now; None while it is that of the reference."""
    if changed_since is None:
        return None
    return dict(Counter(production.targets[production.seqs >= changed_since].tolist()))


def _describe_rows(curated: Curated, production: Production) -> dict[str, Any]:
    return {
        "trained_rows": len(curated.training),
        "rows": int(production.seqs[-1]) if len(production) else 0,
        "suspicious_rows": curated.suspicious,
        "renamed_rows": curated.renamed_rows,
        "forgotten_rows": curated.forgotten_rows,
        "changed_since": curated.changed_since,
    }


def _facts(
    settings: Settings, prepared: Prepared, production: Production, challenger: Challenger
) -> dict[str, Any]:
    curated, evidence = challenger.curated, challenger.evidence
    labels = prepared.embedding.schema.labels
    holdout = score_predictions(labels, evidence.holdout.targets, evidence.holdout.challenger)
    recent = recent_scores(labels, evidence.recent)
    facts = prepared.facts()
    facts["rows"] = {
        **facts["rows"],
        "trained": len(curated.training),
        "production": int((~production.evaluation).sum()),
        "evaluation": int(production.evaluation.sum()),
        "suspicious": curated.suspicious,
        "renamed": curated.renamed_rows,
        "forgotten": curated.forgotten_rows,
    }
    return {
        **facts,
        **challenger.trained.facts(settings.training),
        "changed_since": curated.changed_since,
        "labels_since": _count_labels(production, curated.changed_since),
        "production_through": int(production.seqs[-1]) if len(production) else 0,
        "scores": {"holdout": asdict(holdout), "recent": recent and asdict(recent)},
        "holdout_mark": mark_holdout(evidence, challenger.verdict.numbers),
    }
