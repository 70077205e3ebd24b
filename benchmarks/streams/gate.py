"""What the gate stops and lets through, and when a version is rolled back: 200 trials of each."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmarks.streams.noise import Feedback, at_random
from benchmarks.streams.stream import Stream
from pipeline.embedding.vectors import LabelledVectors
from pipeline.model.classifier import FOREST, fit, make_classifier
from pipeline.model.scorer import SklearnScorer
from pipeline.quality.metrics import score_predictions
from pipeline.registry.signed_folder import SignedFolder
from pipeline.retraining.champion import Champion
from pipeline.retraining.evaluation import contradicted_share
from pipeline.retraining.gate import Evidence, judge
from pipeline.retraining.rollback import advise
from pipeline.setting_tables import TrainingSettings

TRIALS = 200
JUDGES, NEXT = 200, 500
POINTS = 0.03
FEWER = TrainingSettings(classifier=FOREST, parameters={"n_estimators": 50, "oob_score": True})
Spoil = Callable[[LabelledVectors, np.random.Generator], LabelledVectors]


def shuffled(vectors: LabelledVectors, random: np.random.Generator) -> LabelledVectors:
    return replace(vectors, targets=random.permutation(vectors.targets))


def single_class(vectors: LabelledVectors, random: np.random.Generator) -> LabelledVectors:
    """All feedback says one and the same; a row of another keeps it trainable."""
    label = random.choice(np.unique(vectors.targets))
    told = np.full(len(vectors), label, dtype=vectors.targets.dtype)
    others = np.flatnonzero(vectors.targets != label)[:2]
    told[others] = vectors.targets[others]
    return replace(vectors, targets=told)


def flipped(vectors: LabelledVectors, random: np.random.Generator) -> LabelledVectors:
    told = at_random(0.4)(Feedback(vectors.values, vectors.targets, random))
    return replace(vectors, targets=told)


BAD: dict[str, Spoil] = {
    "shuffled labels": shuffled,
    "a single class": single_class,
    "40 % flipped": flipped,
}


def version_of(vectors: LabelledVectors, seed: int) -> Champion:
    """Not compiled: here only its answers count."""
    wanted = FEWER.model_copy(update={"seed": seed})
    classifier = make_classifier(wanted, vectors.targets)
    model = fit(classifier, vectors.values, vectors.targets, wanted)
    labels = model.classes_.tolist()
    scored = {"out_of_fold": {"accuracy": model.estimator.oob_score_}}
    facts = {"version": "0001", "classes": labels, **scored}
    scorer = SklearnScorer(model.estimator, tuple(labels))
    return Champion(SignedFolder(Path(), facts), scorer)


@dataclass
class Counted:
    """How often something was done, of all and of those that were really worse."""

    done: dict[str, list[tuple[bool, bool]]] = field(default_factory=dict)

    def add(self, name: str, done: bool, worse: bool) -> None:
        self.done.setdefault(name, []).append((done, worse))

    def table(self, what: str, done: str) -> str:
        lines = [
            f"| {what} | {done} | of those 3 points worse or more |",
            "| --- | ---: | ---: |",
        ]
        for name, found in self.done.items():
            worse = [done for done, is_worse in found if is_worse]
            share = f"{np.mean(worse):.1%} of {len(worse)}" if worse else "-"
            lines.append(
                f"| {name} | {np.mean([d for d, _ in found]):.1%} of {len(found)} | {share} |"
            )
        return "\n".join(lines)


def is_worse(stream: Stream, one: Champion, other: Champion, later: LabelledVectors) -> bool:
    """By accuracy or balanced accuracy on rows to come."""
    labels = stream.dataset.schema.labels
    mine, theirs = (
        score_predictions(labels, later.targets, version.predict(later.values))
        for version in (one, other)
    )
    balanced = (theirs.balanced_accuracy or 0.0) - (mine.balanced_accuracy or 0.0)
    return max(theirs.accuracy - mine.accuracy, balanced) >= POINTS


def all_rows(stream: Stream) -> LabelledVectors:
    reference, rows = stream.prepared.reference, stream.rows
    return reference.join(stream.prepared.embedding.embed(rows)[0], stream.targets)


def drawn(
    stream: Stream, rows: LabelledVectors, random: np.random.Generator
) -> tuple[LabelledVectors, ...]:
    """Rows to train live and challenger on, judges, and the rows that come next, in order."""
    known = len(stream.prepared.reference)
    start = int(random.integers(known + 1_000, len(rows) - JUDGES - NEXT))
    places = [
        slice(0, start),
        slice(start, start + JUDGES),
        slice(start + JUDGES, start + JUDGES + NEXT),
    ]
    return tuple(rows.where(part) for part in places)


def power(streams: dict[str, Stream]) -> str:
    random, every = np.random.default_rng(0), [(s, all_rows(s)) for s in streams.values()]
    counted = Counted()
    passed: list[bool] = []
    for turn in range(TRIALS):
        stream, rows = every[turn % len(every)]
        known, judges, later = drawn(stream, rows, random)
        live = version_of(known, turn)
        for name, spoil in BAD.items():
            challenger = version_of(spoil(known, random), turn)
            stopped = not _promoted(stream, challenger, live, judges)
            counted.add(name, stopped, is_worse(stream, challenger, live, later))
        less = len(stream.prepared.reference) // int(random.integers(2, 9))
        old = version_of(known.where(slice(0, less)), turn)
        if _right(live, later) - _right(old, later) >= POINTS:
            passed.append(_promoted(stream, live, old, judges))
    share = np.mean(passed)
    return (
        f"{counted.table('challenger', 'stopped')}\n\n"
        f"Of {len(passed)} that are 3 points better on the next {NEXT} rows {share:.1%} are let "
        f"through."
    )


def _promoted(
    stream: Stream, challenger: Champion, live: Champion, judges: LabelledVectors
) -> bool:
    share = contradicted_share(live.predict(judges.values), judges.targets)
    of_holdout, recent = (
        challenger.pair_with(live, rows.values, rows.targets)
        for rows in (stream.prepared.holdout, judges)
    )
    evidence = Evidence(of_holdout, recent, share, live.expected_error)
    return judge(stream.dataset.schema.labels, evidence, stream.settings.retraining).promote


def _right(version: Champion, rows: LabelledVectors) -> float:
    return float((version.predict(rows.values) == rows.targets).mean())


def rollback_power(streams: dict[str, Stream]) -> str:
    """A wrong version goes live over a good parent; and one as good as its parent does."""
    random, every = np.random.default_rng(0), [(s, all_rows(s)) for s in streams.values()]
    counted = Counted()
    for turn in range(TRIALS):
        stream, rows = every[turn % len(every)]
        known, judges, later = drawn(stream, rows, random)
        parent = version_of(known, turn)
        coming = judges.join(later.values, later.targets)
        for name, spoil in (BAD | {"as good": lambda rows, _: rows}).items():
            version = version_of(spoil(known, random), turn + TRIALS)
            found = _rolled_back(stream, version, parent, coming)
            counted.add(name, found, is_worse(stream, version, parent, coming))
    return counted.table("version forced live", "rolled back within 300 rows")


def _rolled_back(
    stream: Stream, version: Champion, parent: Champion, coming: LabelledVectors
) -> bool:
    wanted, most = stream.settings.retraining, 300
    held = stream.prepared.holdout
    holdout = version.pair_with(parent, held.values, held.targets)
    for rows in range(wanted.rollback_rows, most + 1, 10):
        pairing = version.pair_with(parent, coming.values[:rows], coming.targets[:rows])
        if advise("0002", parent, pairing, holdout, wanted):
            return True
    return False
