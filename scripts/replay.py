"""Runs recorded observations through any version: what it would have answered, and how well.

Nothing is recorded and nothing changes. With --out each answer is a line of a CSV file.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from sqlalchemy import Engine, func, select

from pipeline.data.observation import InvalidObservation, encode_observation
from pipeline.model.scorer import load_scorer
from pipeline.quality.metrics import score_predictions
from pipeline.registry.prepared import embedding_of
from pipeline.registry.registry import open_registry
from pipeline.registry.signed_folder import SignedFolder
from pipeline.settings import load_settings
from pipeline.store.database import connect, create_schema
from pipeline.store.tables import feedback, predictions
from scripts.cli.command import CommandError, run
from scripts.cli.progress_bar import ProgressBar

BATCH = 1_000
MOST_CHANGES = 10
PREDICTED = ("seq", "id", "at", "version", "prediction", "observation")
HEADER = ("id", "at", "version", "prediction", "replayed", "confidence", "target")


@dataclass(frozen=True)
class Replayed:
    """A recorded prediction, and what the other version says to the same observation."""

    id: str
    at: float
    version: str
    before: str
    now: str
    confidence: float
    target: str | None
    unseen: bool  # the other version cannot have learned from its label

    def cells(self) -> list[str]:
        at = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        said = f"{self.confidence:.4f}"
        return [self.id, at, self.version, self.before, self.now, said, self.target or ""]


def main() -> None:
    options = read_options()
    settings = load_settings()
    sealed = open_registry(settings.artifacts).open(options.version.zfill(4))
    engine, bar = connect(settings.store), ProgressBar()
    try:
        create_schema(engine)
        between = (options.begin, options.end)
        total = count(engine, *between)
        replayed = []
        for row in replay(engine, sealed, *between):
            replayed.append(row)
            if len(replayed) % BATCH == 0:
                bar("replaying", len(replayed) / total)
        bar.close()
    finally:
        engine.dispose()
    if options.out:
        write(options.out, replayed)
    print(describe(sealed, replayed, total))


def write(path: Path, replayed: list[Replayed]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(row.cells() for row in replayed)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--version", required=True, help="that answers, for example 0002")
    when = "of the predictions, as 2026-01-31T08:00 (UTC unless it says otherwise)"
    parser.add_argument("--from", dest="begin", type=moment, default=0.0, help=f"first {when}")
    parser.add_argument("--to", dest="end", type=moment, default=float("inf"), help=f"last {when}")
    parser.add_argument("--out", type=Path, help="a CSV file, a line for each prediction")
    options = parser.parse_args()
    if options.out and not options.out.parent.is_dir():
        parser.error(f"{options.out.parent} is no folder")
    return options


def moment(text: str) -> float:
    """Of an ISO date or time, in seconds."""
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def count(engine: Engine, begin: float, end: float) -> int:
    query = select(func.count()).select_from(predictions)
    query = query.where(predictions.c.at >= begin, predictions.c.at <= end)
    with engine.execution_options(readonly=True).connect() as connection:
        found = int(connection.execute(query).scalar_one())
    if not found:
        raise CommandError("No prediction was recorded in that time.")
    return found


def replay(engine: Engine, sealed: SignedFolder, begin: float, end: float) -> Iterator[Replayed]:
    """Oldest first. What the version's schema cannot take is left out."""
    embedding, scorer = embedding_of(sealed), load_scorer(sealed)
    learned = int(sealed.manifest.get("production_through", 0))
    for batch in read(engine, begin, end):
        rows, numbers = [], []
        for row in batch:
            try:
                observed = msgspec.json.decode(row.observation)
                numbers.append(encode_observation(embedding.schema, observed))
            except (InvalidObservation, msgspec.DecodeError):
                continue
            rows.append(row)
        if not rows:
            continue
        places, scores = scorer.score(embedding.embed(np.array(numbers))[0])
        for row, place, score in zip(rows, places, scores, strict=True):
            now, sure = scorer.labels[place], float(score.max())
            unseen = row.answered is not None and row.answered > learned
            told = (row.version, row.prediction, now, sure, row.target, unseen)
            yield Replayed(row.id, row.at, *told)


def read(engine: Engine, begin: float, end: float) -> Iterator[list[Any]]:
    """Predictions with their feedback, some at a time, each in a short look of its own."""
    columns = [predictions.c[name] for name in PREDICTED]
    joined = predictions.outerjoin(feedback, feedback.c.prediction_id == predictions.c.id)
    query = select(*columns, feedback.c.target, feedback.c.seq.label("answered"))
    query = query.select_from(joined).order_by(predictions.c.seq).limit(BATCH)
    query = query.where(predictions.c.at >= begin, predictions.c.at <= end)
    last = 0
    while True:
        with engine.execution_options(readonly=True).connect() as connection:
            batch = list(connection.execute(query.where(predictions.c.seq > last)))
        if not batch:
            return
        yield batch
        last = batch[-1].seq


def describe(sealed: SignedFolder, replayed: list[Replayed], total: int) -> str:
    name = sealed.manifest["version"]
    if not replayed:
        return (
            f"Version {name} can take none of {total:,} observations: they are of another schema."
        )
    answered = Counter(row.version for row in replayed)
    by = ", ".join(f"{version} ({rows:,})" for version, rows in sorted(answered.items()))
    same = sum(row.before == row.now for row in replayed)
    lines = [
        f"Version {name} over {len(replayed):,} predictions from {_time(replayed[0].at)} to "
        f"{_time(replayed[-1].at)} UTC, answered then by {by}.",
    ]
    if left := total - len(replayed):
        lines.append(f"{left:,} more are left out: their observations are of another schema.")
    lines.append(f"The same answer in {same / len(replayed):.1%}.")
    changes = Counter((row.before, row.now) for row in replayed if row.before != row.now)
    for (before, now), rows in changes.most_common(MOST_CHANGES):
        lines.append(f"  {before} -> {now}: {rows:,}")
    return "\n".join([*lines, *_scores(sealed, replayed)])


def _scores(sealed: SignedFolder, replayed: list[Replayed]) -> list[str]:
    name = sealed.manifest["version"]
    labelled = [row for row in replayed if row.target is not None]
    judged = [row for row in labelled if row.unseen]
    if not labelled:
        return ["No label of these is known, so that nobody can say which is right."]
    lines = [f"{len(labelled):,} have a label."]
    if learned := len(labelled) - len(judged):
        lines.append(f"Version {name} may have learned from {learned:,} of them: not counted.")
    if not judged:
        return lines
    targets = np.array([row.target for row in judged])
    labels = sorted({*sealed.manifest["classes"], *targets.tolist()})
    sides = {"as answered then": [row.before for row in judged]}
    sides[f"version {name}"] = [row.now for row in judged]
    for side, said in sides.items():
        scores = score_predictions(labels, targets, np.array(said))
        balanced = scores.balanced_accuracy
        rest = "" if balanced is None else f", balanced accuracy {balanced:.1%}"
        lines.append(f"  {side}: accuracy {scores.accuracy:.1%}{rest}")
    return lines


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")


if __name__ == "__main__":
    run(main)
