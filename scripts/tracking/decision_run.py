"""What a decision becomes: names, numbers and words, the same for every tracker."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, func, select

from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import SignedFolder, UntrustedArtifact
from pipeline.settings import Settings
from pipeline.store.decision_log import DECIDED
from pipeline.store.tables import retrainings

SCORES = ("accuracy", "balanced_accuracy", "precision", "recall", "f1")
LONGEST = 500  # of a parameter's value


@dataclass(frozen=True)
class DecisionRun:
    """`key` is stable: what is recorded already is known by it."""

    key: str
    name: str
    began: float
    ended: float
    tags: Mapping[str, str]
    metrics: Mapping[str, float]
    parameters: Mapping[str, str] = field(default_factory=dict)
    version: SignedFolder | None = None  # the one that was trained, where it is kept


class Sink(Protocol):
    """Where runs go; it knows which it has."""

    def is_new(self, key: str) -> bool: ...

    def record(self, run: DecisionRun) -> None: ...


class DecisionLog:
    """Tells a sink what it does not have; all is read again only when something was decided."""

    def __init__(self, settings: Settings, engine: Engine, artifacts: ModelRegistry) -> None:
        self._settings = settings
        self._engine = engine
        self._artifacts = artifacts
        self._told: tuple[object, ...] = ()

    def tell(self, sink: Sink) -> list[dict[str, Any]] | None:
        """All decisions; None where there is nothing new."""
        with self._engine.execution_options(readonly=True).connect() as connection:
            now = (*count_decisions(connection), *self._artifacts.live_history())
            if now == self._told:
                return None
            decisions = read_decisions(connection)
        for run in describe_new(self._settings, self._artifacts, decisions, sink.is_new):
            sink.record(run)
        self._told = now
        return decisions

    def forget(self) -> None:
        """Begin with the question what the sink has."""
        self._told = ()


def read_decisions(connection: Connection) -> list[dict[str, Any]]:
    """All that are made, in the order in which they were."""
    query = select(retrainings).where(retrainings.c.state.in_(DECIDED))
    rows = connection.execute(query.order_by(retrainings.c.finished_at, retrainings.c.id))
    return [dict(row._mapping) for row in rows]


def count_decisions(connection: Connection) -> tuple[int, float]:
    """What changes with each decision: how many there are, and when the last was made."""
    query = select(func.count(), func.max(retrainings.c.finished_at))
    count, last = connection.execute(query.where(retrainings.c.state.in_(DECIDED))).one()
    return count, last or 0.0


def describe_new(
    settings: Settings,
    artifacts: ModelRegistry,
    decisions: list[dict[str, Any]],
    is_new: Callable[[str], bool],
) -> Iterator[DecisionRun]:
    """The first training, of which no decision tells, then every decision: those whose key is new,
    for each opens its version and reads all of it."""
    told = {row["version"] for row in decisions}
    for number in artifacts.numbers():
        if number not in told and is_new(f"version-{number}"):
            version = open_version(artifacts, number)
            if version is not None:
                yield describe_training(settings, version)
    for row in decisions:
        if is_new(f"decision-{row['id']}"):
            yield describe_decision(settings, artifacts, row)


def describe_training(settings: Settings, version: SignedFolder) -> DecisionRun:
    """A version that no decision is about."""
    number = version.manifest["version"]
    at = datetime.fromisoformat(version.manifest["created_at"]).timestamp()
    tags = {"version": number, "decision": "trained", "trigger": "by hand", "parent": ""}
    return DecisionRun(
        f"version-{number}",
        f"{number} trained",
        *(at, at),
        {**tags, **_facts(version)},
        score_numbers(version.manifest),
        describe_parameters(settings, version),
        version,
    )


def describe_decision(
    settings: Settings, artifacts: ModelRegistry, row: Mapping[str, Any]
) -> DecisionRun:
    version = open_version(artifacts, row["version"]) if row["version"] else None
    manifest = version.manifest if version else {}
    numbers = json.loads(row["numbers"] or "{}")
    began = row["started_at"] or row["finished_at"]
    tags = {
        "version": row["version"] or "",
        "decision": row["state"],
        "trigger": row["trigger"],
        "parent": row["parent"] or "",
        "reason": (row["reason"] or "")[:5_000],
        "actor": row["actor"] or "",
        **(_facts(version) if version else {}),
    }
    metrics = {
        **{f"gate.{name}": float(one) for name, one in numbers.items() if _is_number(one)},
        **score_numbers(manifest),
        "seconds": row["finished_at"] - began,
    }
    name = f"{row['version'] or row['parent'] or ''} {row['state']}".strip()
    return DecisionRun(
        f"decision-{row['id']}",
        name,
        *(began, row["finished_at"]),
        tags,
        metrics,
        describe_parameters(settings, version),
        version,
    )


def score_numbers(manifest: Mapping[str, Any]) -> dict[str, float]:
    """Holdout, recent rows and out of sample, how many rows it learned from, and the memory."""
    parts = {**manifest.get("scores", {}), "out_of_fold": manifest.get("out_of_fold")}
    scores = {
        f"{part}.{name}": float(found[name])
        for part, found in parts.items()
        for name in SCORES
        if found and _is_number(found.get(name))
    }
    rows = manifest.get("rows", {})
    counts = {f"rows.{name}": float(count) for name, count in rows.items()}
    memory = manifest.get("memory_mb")
    return {**scores, **counts, **({} if memory is None else {"memory_mb": float(memory)})}


def describe_parameters(settings: Settings, version: SignedFolder | None) -> dict[str, str]:
    """The settings that make a model what it is, and the classifier that was chosen."""
    wanted = settings.model_dump(
        mode="json", include={"dataset", "embedding", "training", "retraining"}
    )
    found = {
        f"{table}.{name}": value
        for table, values in wanted.items()
        for name, value in values.items()
    }
    if version is not None:
        classifier = version.manifest["classifier"]
        found["classifier"] = classifier["name"]
        found |= {f"classifier.{name}": value for name, value in classifier["parameters"].items()}
    hidden = ("password", "query", "source")  # where a secret may stand
    return {
        name: str(value)[:LONGEST]
        for name, value in found.items()
        if not any(word in name for word in hidden)
    }


def name_experiment(settings: Settings) -> str:
    """After the dataset, unless the settings say otherwise; of an address, its last part."""
    name = Path(urlsplit(settings.dataset.source).path).stem
    return settings.tracking.experiment or f"boucle-{name or 'data'}"


def open_version(artifacts: ModelRegistry, number: str) -> SignedFolder | None:
    try:
        return artifacts.open(number)
    except UntrustedArtifact:  # pruned, or damaged
        return None


def _facts(version: SignedFolder) -> dict[str, str]:
    names = ("served_by", "embedding_kind", "embedding_id")
    return {name: str(version.manifest.get(name, "")) for name in names}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
