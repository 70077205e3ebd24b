"""`python -m benchmarks.review`: how much labelling a good order saves.

A model starts with a few rows of a real table. Each round some more are labelled in the order of a
strategy, the model is trained anew, and its balanced accuracy is measured on rows apart. Printed is
how many rows each strategy needs to be as good as random order is in the end.
[--write docs/retraining.md] [--seeds 5]
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import balanced_accuracy_score

from benchmarks.markdown import describe_machine, write_between
from benchmarks.streams.tables import Table, bikeshare, built_in, diamonds, storms
from pipeline.datasets.load import load_dataset
from pipeline.embedding.fit import fit_embedding
from pipeline.history.review import STRATEGIES, Pool, Strategy, choose
from pipeline.setting_tables import DatasetSettings
from pipeline.settings import Settings

TABLES: dict[str, Callable[[], Table | str]] = {
    "digits": lambda: "digits",
    "breast_cancer": lambda: built_in("breast_cancer"),
    "bikeshare": bikeshare,
    "storms": storms,
    "diamonds": diamonds,
}
START, A_ROUND, ROUNDS, POOL, APART = 60, 20, 20, 2_000, 1_500


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tables", nargs="+", default=list(TABLES))
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    lines = [
        f"| table | goal | {' | '.join(STRATEGIES)} |",
        f"| --- | ---: |{' ---: |' * len(STRATEGIES)}",
    ]
    for name in options.tables:
        lines.append(compare(name, options.seeds))
        print(lines[-1], flush=True)
    text = "\n".join([*lines, "", f"Means of {options.seeds} runs. {describe_machine()}."])
    print(text)
    if options.write:
        write_between(options.write, "review", text)


def compare(name: str, seeds: int) -> str:
    """A line of the table."""
    vectors, residuals, targets = embed(TABLES[name]())
    curves = {
        strategy: np.mean(
            [learn(vectors, residuals, targets, strategy, seed) for seed in range(seeds)], axis=0
        )
        for strategy in STRATEGIES
    }
    goal = float(curves["random"][-1])
    needed = [describe(rows_needed(curves[strategy], goal)) for strategy in STRATEGIES]
    return f"| {name} | {goal:.1%} | {' | '.join(needed)} |"


def embed(table: Table | str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with tempfile.TemporaryDirectory() as folder:
        source = table if isinstance(table, str) else str(table.write(Path(folder)))
        wanted = Settings().model_copy(update={"dataset": DatasetSettings(source=source)})
        dataset = load_dataset(wanted)
    fitted = fit_embedding(dataset.schema, dataset.rows, wanted.embedding, "features")
    vectors, residuals = fitted.embedding.embed(dataset.rows)
    return vectors, residuals, dataset.targets


def learn(
    vectors: np.ndarray, residuals: np.ndarray, targets: np.ndarray, strategy: Strategy, seed: int
) -> list[float]:
    """The balanced accuracy after each round."""
    random = np.random.default_rng(seed)
    order = random.permutation(len(targets))
    apart = order[: min(APART, len(order) // 4)]
    left, known = order[len(apart) :][: POOL + START], list[int]()
    first = _one_of_each(left, targets)
    known = [*first, *[place for place in left if place not in set(first)][: START - len(first)]]
    before, curve = None, []
    for _ in range(ROUNDS + 1):
        model = RandomForestClassifier(100, random_state=seed, n_jobs=1)
        model.fit(vectors[known], targets[known])
        curve.append(float(balanced_accuracy_score(targets[apart], model.predict(vectors[apart]))))
        rest = random.permutation(np.setdiff1d(left, known))
        if not len(rest):
            continue
        said = model.predict_proba(vectors[rest])
        others: np.ndarray | None = None if before is None else before.predict_proba(vectors[rest])
        ids = [str(place) for place in rest]
        pool = Pool(ids, vectors[rest], said, residuals[rest], others)
        known += [int(rest[one.place]) for one in choose(pool, A_ROUND, strategy, random)]
        before = model
    return curve


def _one_of_each(places: np.ndarray, targets: np.ndarray) -> list[int]:
    """So that all models know the same labels."""
    return [
        int(places[np.flatnonzero(targets[places] == label)[0]])
        for label in np.unique(targets[places])
    ]


def rows_needed(curve: Sequence[float], goal: float) -> float | None:
    """Labelled rows until the mean curve is as good, between two rounds in proportion."""
    for turn in range(1, len(curve)):
        if curve[turn] >= goal:
            gained = curve[turn] - curve[turn - 1]
            part = (goal - curve[turn - 1]) / gained if gained > 0 else 1.0
            return A_ROUND * (turn - 1 + max(0.0, min(1.0, part)))
    return None


def describe(rows: float | None) -> str:
    return f"more than {A_ROUND * ROUNDS}" if rows is None else f"{rows:.0f}"


if __name__ == "__main__":
    main()
