"""Data tests on real tables: does the holdout pass, and does each fault fail?

`python -m benchmarks.training.data_tests --write docs/data-tests.md` measures it again. `diamonds`
and `flights` come from the packages in benchmarks/streams/requirements.txt.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.markdown import write_between
from pipeline.data.faults import find_faults
from pipeline.data.schema import Feature, Schema
from pipeline.data.watched_features import CONTRAST, watched_features, watched_values
from pipeline.data_tests.drift_distance import is_number
from pipeline.data_tests.result import Rows
from pipeline.data_tests.suite import Suite, failed_of
from pipeline.datasets.load import load_dataset
from pipeline.setting_tables import DatasetSettings, DataTestSettings, EmbeddingSettings
from pipeline.settings import Settings
from scripts.preparation.dataset_parts import split

REFERENCE_ROWS = 4_000
DRAWS = 100  # of each case
SIZES = (50, 300)
HOLDOUT = "the whole holdout"
Fault = Callable[[Rows, tuple[Feature, ...], np.random.Generator], Rows | None]


def open_tables() -> Iterator[tuple[str, Schema, Rows, Rows]]:
    """Name, schema, reference and holdout, split as prepare does it."""
    from benchmarks.drift.real_tables import read
    from benchmarks.streams import tables

    for name in ("breast_cancer", "digits"):
        wanted = {"dataset": DatasetSettings(source=name)}
        dataset = load_dataset(Settings().model_copy(update=wanted))
        yield name, *_split(dataset.schema, dataset.rows, dataset.targets)
    for made in (tables.diamonds(), tables.flights(every=8)):
        table = read(made.name, made.frame)
        yield made.name, *_split(table.schema, table.rows, table.targets)


def _split(schema: Schema, rows: np.ndarray, targets: np.ndarray) -> tuple[Schema, Rows, Rows]:
    class Parts:
        """What split() asks of a dataset."""

    dataset = Parts()
    dataset.targets = targets  # type: ignore[attr-defined]
    settings = Settings().model_copy(update={"embedding": EmbeddingSettings()})
    training, testing = split(dataset, settings)  # type: ignore[arg-type]
    drawn = np.random.default_rng(0).permutation(training)[:REFERENCE_ROWS]
    reference, held = (
        Rows(watched_values(schema, rows[part]), targets[part]) for part in (drawn, testing)
    )
    return schema, reference, held


def calm(rows: Rows, _: tuple[Feature, ...], __: np.random.Generator) -> Rows:
    return rows


def missing(rows: Rows, features: tuple[Feature, ...], random: np.random.Generator) -> Rows:
    place = int(random.integers(len(features)))
    feature = features[place]
    gap = float(len(feature.categories)) if feature.type == "category" else np.nan
    return _change(rows, place, gap, random.permutation(len(rows))[: round(0.1 * len(rows))])


def units(by: float) -> Fault:
    def change(
        rows: Rows, features: tuple[Feature, ...], random: np.random.Generator
    ) -> Rows | None:
        if features[-1].name == CONTRAST:
            return None  # a picture has no units
        places = [p for p, one in enumerate(features) if is_number(one)]
        place = int(random.choice(places))
        return _change(rows, place, rows.values[:, place] * by, slice(None))

    return change


def new_category(
    rows: Rows, features: tuple[Feature, ...], random: np.random.Generator
) -> Rows | None:
    places = [p for p, one in enumerate(features) if one.type == "category"]
    if not places:
        return None
    place = int(random.choice(places))
    new = len(features[place].categories) + 1
    return _change(rows, place, new, random.permutation(len(rows))[: round(0.1 * len(rows))])


def duplicates(rows: Rows, _: tuple[Feature, ...], __: np.random.Generator) -> Rows:
    values, count = rows.values.copy(), round(0.2 * len(rows))
    values[:count] = values[-count:]
    return replace(rows, values=values)


def constant(rows: Rows, features: tuple[Feature, ...], random: np.random.Generator) -> Rows:
    place = int(random.integers(len(features)))
    gone = find_faults(features[place], rows.values[:, place], 0.0)[0]
    value = random.choice(rows.values[~gone, place])
    return _change(rows, place, value, slice(None))


def _change(rows: Rows, place: int, value: Any, where: Any) -> Rows:
    values = rows.values.copy()
    values[where, place] = value if np.ndim(value) == 0 else np.asarray(value)[where]
    return replace(rows, values=values)


CASES: dict[str, Fault] = {
    "undamaged": calm,
    "10 % missing in a column": missing,
    "a unit times 10": units(10),
    "a unit through 10": units(0.1),
    "10 % of a new category": new_category,
    "20 % of the rows repeat": duplicates,
    "a constant column": constant,
}


def measure(schema: Schema, reference: Rows, holdout: Rows) -> dict[str, str]:
    suite, features = Suite(schema, reference, DataTestSettings(), None), watched_features(schema)
    failed = failed_of(suite.run(holdout))
    told = "passes" if not failed else f"**fails**: {', '.join(test.name for test in failed)}"
    found = {HOLDOUT: f"{told}, {len(holdout):,} rows"}
    for case, fault in CASES.items():
        shares = []
        for size in SIZES:
            random = np.random.default_rng(0)
            results = []
            for _ in range(DRAWS):
                drawn = random.choice(len(holdout), min(size, len(holdout)), replace=False)
                rows = Rows(holdout.values[drawn], holdout.targets[drawn])
                damaged = fault(rows, features, random)
                if damaged is not None:
                    results.append(bool(failed_of(suite.run(damaged))))
            shares.append(f"{np.mean(results):.0%}" if results else "-")
        found[case] = "-" if set(shares) == {"-"} else " / ".join(shares)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path, help="a page with the mark data_tests")
    options = parser.parse_args()
    measured = {name: measure(schema, *sides) for name, schema, *sides in open_tables()}
    head = ["|  | " + " | ".join(measured) + " |", "| --- |" + " --- |" * len(measured)]
    rows = [
        f"| {case} | " + " | ".join(found[case] for found in measured.values()) + " |"
        for case in (HOLDOUT, *CASES)
    ]
    text = "\n".join([*head, *rows])
    print(text)
    if options.write:
        write_between(options.write, "data_tests", text)


if __name__ == "__main__":
    main()
