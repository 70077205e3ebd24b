"""Each learner plays through a stream: it predicts a block, then is told its labels."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.streams.learners import Boucle, Course, Learner, Never, Plain, River
from benchmarks.streams.noise import NOISES, Feedback, Noise, none
from benchmarks.streams.stream import Stream
from pipeline.quality.metrics import score_predictions

LEARNERS: dict[str, Callable[[Stream], Learner]] = {
    "never": Never,
    "course": Course,
    "river": River,
    "plain": Plain,
    "no gate": lambda stream: Boucle(stream, gate="off"),
    "Boucle": Boucle,
}


@dataclass(frozen=True)
class Played:
    accuracy: float
    balanced: float
    learner: Learner


def play(stream: Stream, learner: Learner, every: int, noise: Noise = none) -> Played:
    told = noise(Feedback(stream.rows, stream.targets, np.random.default_rng(0)))
    said = []
    for start in range(0, len(stream.rows), every):
        block = slice(start, start + every)
        said.append(learner.predict(stream.rows[block]))
        learner.learn(stream.rows[block], told[block])
    labels = stream.dataset.schema.labels
    scores = score_predictions(labels, stream.targets, np.concatenate(said))
    return Played(100 * scores.accuracy, 100 * (scores.balanced_accuracy or 0.0), learner)


def beside(streams: dict[str, Stream], every: int, names: Sequence[str] = tuple(LEARNERS)) -> str:
    lines = [
        f"Accuracy / balanced accuracy in %, retrained every {every} rows.\n",
        f"| stream | Boucle takes | {' | '.join(names)} | promoted, rejected, rolled back |",
        f"| --- | --- |{' ---: |' * len(names)} ---: |",
    ]
    found: dict[str, list[float]] = {name: [] for name in names}
    for stream in streams.values():
        cells = []
        for name in names:
            played = play(stream, LEARNERS[name](stream), every)
            found[name].append(played.accuracy)
            cells.append(f"{played.accuracy:.1f} / {played.balanced:.1f}")
            if isinstance(played.learner, Boucle):
                loop = played.learner
        taken = f"{stream.choice.kind}, {stream.training_settings.classifier}"
        lines.append(
            f"| {stream.name} | {taken} | {' | '.join(cells)} | "
            f"{loop.promoted}, {loop.rejected}, {loop.rollbacks} |"
        )
        print(lines[-1], flush=True)
    for other in ("plain", "course"):
        if other in found:
            gains = np.array(found["Boucle"]) - np.array(found[other])
            each = ", ".join(f"{gain:+.1f}" for gain in gains)
            lines.append(f"\nAgainst {other}: {each}; {gains.mean():+.1f} on average.")
    return "\n".join(lines)


def under_noise(streams: dict[str, Stream], every: int) -> str:
    lines = [
        f"Accuracy in % of plain retraining with scikit-learn's forest, and of Boucle, retrained "
        f"every {every} rows with labels that are wrong.\n",
        f"| labels | {' | '.join(streams)} | Boucle gains |",
        f"| --- |{' ---: |' * len(streams)} ---: |",
    ]
    for label, noise in NOISES.items():
        cells, gains = [], []
        for stream in streams.values():
            plain, mine = (play(stream, kind(stream), every, noise) for kind in (Plain, Boucle))
            cells.append(f"{plain.accuracy:.1f}, {mine.accuracy:.1f}")
            gains.append(mine.accuracy - plain.accuracy)
        lines.append(f"| {label} | {' | '.join(cells)} | {np.mean(gains):+.1f} |")
        print(lines[-1], flush=True)
    return "\n".join(lines)
