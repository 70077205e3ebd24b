"""Looks at a dataset before anything is trained: `make inspect SOURCE=file.csv TARGET=column`.

Prints what each column is taken for, what is left out and why, what a person should look at, and
the [dataset] table to paste into config.toml. It changes nothing.
"""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice

from pipeline.columns.column_types import ColumnReport
from pipeline.columns.inspection import (
    Inspection,
    inspect_table,
    name_treatment,
    write_settings,
)
from pipeline.datasets.built_in import BUILT_IN
from pipeline.datasets.load import MADE_TABLES, holds_media, load_dataset, made_here
from pipeline.datasets.made_files import MADE_FOLDERS
from pipeline.settings import Settings, load_settings
from pipeline.tables.read_table import read_table
from scripts.cli.command import CommandError, run
from scripts.cli.progress_bar import ProgressBar

MOST_LABELS, WIDEST_NAME, WIDEST_EXAMPLES = 12, 24, 34
HEADER = ("column", "unknown", "distinct", "examples", "what it is, and what is done with it")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", help="as dataset.source; without it that of the settings")
    parser.add_argument("--target", help="the column that holds the label")
    options = parser.parse_args()
    settings = load_settings()
    given = {name: value for name, value in vars(options).items() if value}
    wanted = settings.dataset.model_copy(update=given)
    settings = settings.model_copy(update={"dataset": wanted})
    bar = ProgressBar()
    files = (*BUILT_IN, *MADE_FOLDERS)
    if wanted.source in files or (wanted.source not in MADE_TABLES and holds_media(wanted)):
        dataset = load_dataset(settings, bar)
        bar.close()
        labels = count_labels(dict(Counter(dataset.targets.tolist()).most_common()))
        print(f"{wanted.source}: {len(dataset.targets)} rows, {labels}")
        for note in dataset.notes:
            print(f"  {note}")
        return
    inspect(settings, bar)


def inspect(settings: Settings, bar: ProgressBar) -> None:
    wanted = settings.dataset
    if wanted.source in MADE_TABLES:
        wanted = made_here(settings)
    share, folds = settings.embedding.test_share, settings.training.folds
    found = inspect_table(read_table(wanted), wanted, bar, share, folds)
    bar.close()
    print(f"{wanted.source}: {found.rows:,} rows")
    for note in found.notes:
        print(f"  {note}")
    print()
    for line in table_lines(found.columns):
        print(line)
    if found.labels:
        print(f"\ntarget '{wanted.target}': {count_labels(found.labels)}")
    show_warnings(found)
    if found.trouble:
        raise CommandError(f"\nThis cannot be trained as it is: {found.trouble}")
    print(f"\nFor config.toml:\n\n{write_settings(wanted, found)}")


def show_warnings(found: Inspection) -> None:
    said = list(found.warnings())
    if said:
        print("\nLook at:")
        for warning in said:
            print(f"  {warning}")


def count_labels(labels: Mapping[str, int]) -> str:
    said = ", ".join(f"{label} {rows:,}" for label, rows in islice(labels.items(), MOST_LABELS))
    rest = len(labels) - MOST_LABELS
    counted = "1 label" if len(labels) == 1 else f"{len(labels)} labels"
    return f"{counted}: {said}" + (f" and {rest} more" if rest > 0 else "")


def table_lines(columns: Sequence[ColumnReport]) -> list[str]:
    rows = [HEADER]
    for column in columns:
        notes = () if column.left_out else column.notes
        told = "; ".join((name_treatment(column), *notes))
        examples = shorten(", ".join(column.examples), WIDEST_EXAMPLES)
        name = shorten(column.name or "(no name)", WIDEST_NAME)
        rows.append((name, f"{column.missing:,}", f"{column.distinct:,}", examples, told))
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADER) - 1)]
    return [
        f"{name:{widths[0]}}  {missing:>{widths[1]}}  {distinct:>{widths[2]}}  "
        f"{examples:{widths[3]}}  {told}".rstrip()
        for name, missing, distinct, examples, told in rows
    ]


def shorten(text: str, width: int) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= width else f"{plain[: width - 1]}…"


if __name__ == "__main__":
    run(main)
