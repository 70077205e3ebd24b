"""How soon it is well again when labels change their meaning at once, as the simulator plays it."""

from pathlib import Path

import numpy as np

from benchmarks.streams.learners import Boucle, Learner, Plain
from benchmarks.streams.stream import Stream, open_built_in
from pipeline.data.holdout_sample import sample_holdout
from pipeline.quality.metrics import score_predictions
from scripts.preparation.churn import main as churn
from scripts.simulation.row_source import RowSource

TABLES = ("digits", "breast_cancer", "iris", "churn")
SEEDS, EVERY = 3, 50
CALM, CHANGED = 200, 600  # rows before and after the change
SHOWN = (100, 200, 300, 600)
ASKED = 500  # rows, of the world as it is then, for each figure


def recovery(folder: Path) -> str:
    lines = [
        f"| table | before | {' | '.join(f'{rows} rows' for rows in SHOWN)} | plain, 200 "
        "| plain, 600 |",
        f"| --- |{' ---: |' * (len(SHOWN) + 3)}",
    ]
    back = dict.fromkeys(SHOWN, 0)
    for name in TABLES:
        if name == "churn":
            churn(["--folder", str(folder / name), "--months", "1"])
        stream = open_built_in(name, folder)
        mine = [play(stream, Boucle(stream), seed) for seed in range(SEEDS)]
        plain = [play(stream, Plain(stream), seed) for seed in range(SEEDS)]
        for one in mine:
            for rows in SHOWN:
                back[rows] += one[rows] >= one[0] - 0.1
        cells = [", ".join(f"{one[rows]:.2f}" for one in mine) for rows in (0, *SHOWN)]
        cells += [f"{np.mean([one[rows] for one in plain]):.2f}" for rows in (200, 600)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    told = ", ".join(f"after {rows} in {back[rows]}" for rows in SHOWN)
    return (
        "\n".join(lines)
        + f"\n\nBack within ten points of before, of {SEEDS * len(TABLES)} runs: {told}."
    )


def play(stream: Stream, learner: Learner, seed: int) -> dict[int, float]:
    """Balanced accuracy after so many rows since the change; 0 is just before it."""
    held = sample_holdout(stream.rows, stream.targets)
    world = RowSource(stream.dataset.schema, held, np.random.default_rng(seed))
    for _ in range(CALM // EVERY):
        learner.learn(*draw(world, EVERY))
    found = {0: ask(stream, learner, world)}
    world.changed = True
    for rows in range(EVERY, CHANGED + 1, EVERY):
        learner.learn(*draw(world, EVERY))
        if rows in SHOWN:
            found[rows] = ask(stream, learner, world)
    return found


def draw(world: RowSource, rows: int) -> tuple[np.ndarray, np.ndarray]:
    drawn = [world.draw() for _ in range(rows)]
    return np.array([row for row, _ in drawn]), np.array([target for _, target in drawn])


def ask(stream: Stream, learner: Learner, world: RowSource) -> float:
    rows, targets = draw(world, ASKED)
    labels = stream.dataset.schema.labels
    return score_predictions(labels, targets, learner.predict(rows)).balanced_accuracy or 0.0
