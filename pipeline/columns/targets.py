"""The labels of a table: unknown ones left out, spellings joined, amounts cut into classes."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.cells.number_text import MARKS, parse_number, possible_marks, read_numbers
from pipeline.cells.words import MISSING, UNKNOWN_WORDS
from pipeline.columns.column_text import find_case_variants, join_variants
from pipeline.data.schema import Bin
from pipeline.setting_tables import ColumnSettings, DatasetSettings, TrainingSettings
from pipeline.tables.table import InvalidDataset, Table

UNKNOWN = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "<na>", "?"})
PERHAPS_UNKNOWN = (MISSING | UNKNOWN_WORDS) - UNKNOWN  # or a label: none, mild, severe
MANY_ROWS = 20  # of which most have a label of their own: those are no classes
MOST_NUMBERS = 30  # as labels; more of them are amounts
MOST_FRACTIONS = 10  # as labels; marks in halves up to five are so many
FOLDS = TrainingSettings().folds  # a label needs a row for each
OTHER = "other"
MOST_GROUPS = 5  # of spellings, that are told
BIN_NAMES = {2: ("low", "high"), 3: ("low", "middle", "high")}


@dataclass(frozen=True)
class Targets:
    """The label of each row that has one; `kept` says which rows these are."""

    labels: Labels
    kept: np.ndarray
    notes: tuple[str, ...]
    bins: tuple[Bin, ...] = ()


def read_targets(table: Table, wanted: DatasetSettings, folds: int = FOLDS) -> Targets:
    target, notes = wanted.target, list[str]()
    if target not in table.header:
        raise InvalidDataset(
            f"{table.name}: has no target column '{target}'. Its columns are "
            f"{', '.join(table.header[:20])}. Set dataset.target."
        )
    cells = table.column(target)
    texts = [cell.strip() for cell in cells]
    own = wanted.columns.get(target, ColumnSettings())
    unknown = UNKNOWN | {word.strip().lower() for word in (*wanted.missing, *own.missing)}
    kept = np.array([text.lower() not in unknown for text in texts], dtype=np.bool_)
    if not kept.any():
        raise InvalidDataset(f"{table.name}: the target '{target}' is empty in every row.")
    if empty := int((~kept).sum()):
        said = "A row without a label" if empty == 1 else f"{empty} rows without a label"
        notes.append(f"{said} in '{target}' {'is' if empty == 1 else 'are'} left out.")
    if spaces := sum(cell != text for cell, text in zip(cells, texts, strict=True)):
        notes.append(f"Spaces around {spaces} labels are taken away.")
    labels = [text for text, known in zip(texts, kept.tolist(), strict=True) if known]
    _note_perhaps_unknown(labels, notes)
    bins: tuple[Bin, ...] = ()
    if wanted.bins:
        labels, bins = _cut(table, labels, wanted)
    else:
        labels = _join_spellings(labels, wanted.merge_case, notes)
        _refuse_amounts(table, labels, wanted)
    found, stays = treat_rare(table.name, np.array(labels), wanted, notes, folds)
    kept[np.flatnonzero(kept)[~stays]] = False
    return Targets(found[stays], kept, tuple(notes), bins)


def _note_perhaps_unknown(labels: list[str], notes: list[str]) -> None:
    for text, rows in Counter(labels).items():
        if text.lower() in PERHAPS_UNKNOWN:
            notes.append(
                f"Mind: '{text}' is a label, of {rows} rows; if it means unknown, set missing = "
                f'["{text}"].'
            )


def _join_spellings(labels: list[str], join: bool, notes: list[str]) -> list[str]:
    counts = Counter(labels)
    variants = find_case_variants(counts)
    if not variants:
        return labels
    groups = [
        ", ".join(f"'{text}' ({counts[text]} rows)" for text in texts[:4])
        for texts in variants.values()
    ]
    said = "; ".join(groups[:MOST_GROUPS]) + ("; and more" if len(groups) > MOST_GROUPS else "")
    if not join:
        notes.append(
            f"Mind: the labels {said} differ in capitals alone; dataset.merge_case = true joins "
            f"them."
        )
        return labels
    notes.append(f"The labels {said} are joined.")
    names = {text: join_variants(Counter([text]), variants).most_common(1)[0][0] for text in counts}
    return [names[label] for label in labels]


def _numbers_of(labels: list[str], wanted: DatasetSettings) -> Numbers | None:
    """The labels as amounts, if all of them are."""
    texts = list(dict.fromkeys(labels))
    marks = (wanted.decimal,) if wanted.decimal else MARKS
    possible = [mark for mark in marks if mark in possible_marks(texts)]
    if not possible:
        return None
    plain = read_numbers(texts) if possible[0] == MARKS[0] else None
    values = plain if plain is not None else [parse_number(text, possible[0]) for text in texts]
    known = dict(zip(texts, values, strict=True))
    return np.array([known[label] for label in labels], dtype=np.float64)


def _cut(
    table: Table, labels: list[str], wanted: DatasetSettings
) -> tuple[list[str], tuple[Bin, ...]]:
    """Classes of about as many rows each, named by their bounds."""
    numbers = _numbers_of(labels, wanted)
    if numbers is None:
        text = next(text for text in labels if not possible_marks([text]))
        raise InvalidDataset(
            f"{table.name}: dataset.bins cuts amounts; '{text}' in the target '{wanted.target}' is "
            f"none."
        )
    count = wanted.bins
    edges = _find_edges(numbers, count)
    if len(edges) < count - 1:
        raise InvalidDataset(
            f"{table.name}: too many rows of '{wanted.target}' have one value; {len(edges) + 1} "
            f"classes can be made, dataset.bins says {count}."
        )
    names = BIN_NAMES.get(count) or tuple(f"{place} of {count}" for place in range(1, count + 1))
    said = [f"{edge:.6g}" for edge in edges]
    bounds = [f"< {said[0]}", *(f"{a} to {b}" for a, b in pairwise(said))]
    bounds.append(f"≥ {said[-1]}")
    titles = [f"{name} ({bound})" for name, bound in zip(names, bounds, strict=True)]
    bins = tuple(map(Bin, titles, (None, *edges.tolist())))
    return [titles[place] for place in np.searchsorted(edges, numbers, side="right").tolist()], bins


def _find_edges(numbers: Numbers, count: int) -> Numbers:
    """Quantiles, to three digits where these still tell the classes apart."""
    edges = np.unique(np.quantile(numbers, np.arange(1, count) / count))
    edges = edges[edges > numbers.min()]
    short = np.array([float(f"{edge:.3g}") for edge in edges])
    apart = (np.diff(short) > 0).all() and (short > numbers.min()).all()
    return short if apart and (short <= numbers.max()).all() else edges


def _refuse_amounts(table: Table, labels: list[str], wanted: DatasetSettings) -> None:
    distinct, rows = len(set(labels)), len(labels)
    own = wanted.columns.get(wanted.target, ColumnSettings()).type
    if own == "category" or wanted.target in wanted.categorical:
        return
    numbers = _numbers_of(labels, wanted) if distinct > MOST_FRACTIONS else None
    fractions = numbers is not None and not (numbers == np.rint(numbers)).all()
    if numbers is not None and (distinct > MOST_NUMBERS or fractions):
        raise InvalidDataset(
            f"{table.name}: '{wanted.target}' has {distinct:,} different numbers in {rows:,} rows: "
            f"it looks like an amount, and classes are predicted. dataset.bins = 3 makes three "
            f"classes of it (low, middle, high); if its numbers are names, put it in "
            f"dataset.categorical."
        )
    if rows >= MANY_ROWS and 2 * distinct > rows:
        raise InvalidDataset(
            f"{table.name}: {distinct} labels in {rows} rows. A label is the name of a class that "
            f"many rows share. Set dataset.target to another column."
        )


def too_few_to_split(labels: Labels, share: float) -> str:
    """Why a holdout of that share cannot have each label, nor what is left; nothing if they can."""
    names, rows = len(np.unique(labels)), len(labels)
    held = ceil(share * rows)
    if min(held, rows - held) >= names:
        return ""
    return (
        f"too few rows to split: a holdout of {share:.0%} of {rows} rows has {held}, and each of "
        f"{names} labels needs one there; more rows, fewer labels or a larger embedding.test_share "
        f"are needed."
    )


def treat_rare(
    source: str, labels: Labels, wanted: DatasetSettings, notes: list[str], folds: int = FOLDS
) -> tuple[Labels, np.ndarray]:
    """The labels, with those of fewer rows than folds joined, and which rows stay."""
    names, counts = np.unique(labels, return_counts=True)
    few = names[counts < (2 if wanted.rare_labels == "refuse" else folds)]
    stays = np.ones(len(labels), dtype=np.bool_)
    if not len(few) or len(names) == 1:
        return labels, stays
    rows = np.isin(labels, few)
    said = ", ".join(f"'{name}'" for name in few[:5])
    if wanted.rare_labels == "refuse":
        what = f"the label {said} has" if len(few) == 1 else f"{len(few)} labels ({said}) have each"
        raise InvalidDataset(
            f"{source}: {what} a single row, and two are needed. dataset.rare_labels = "
            f'"drop" leaves such rows out, "join" makes one label of them.'
        )
    if wanted.rare_labels == "join" and rows.sum() >= 2:
        notes.append(f"{rows.sum()} rows of rare labels ({said}) are joined as '{OTHER}'.")
        return np.where(rows, OTHER, labels), stays
    if len(few) == len(names):
        raise InvalidDataset(f"{source}: no label has {folds} rows, as each needs.")
    notes.append(f"{rows.sum()} rows of rare labels ({said}) are left out.")
    return labels, ~rows
