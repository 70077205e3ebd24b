"""What a column of a table is, found out from all of its cells, and told.

Nothing is decided in silence: a report says what a column was taken for and what a person should
look at. The settings overrule it.
"""

from dataclasses import dataclass, replace

from pipeline.cells.number_text import CODE
from pipeline.cells.words import are_truth_values, read_truth
from pipeline.columns.column_text import (
    ColumnText,
    Habits,
    find_case_variants,
    join_variants,
    read_cells,
)
from pipeline.columns.date_columns import find_date, find_date_among_text
from pipeline.columns.number_columns import find_number, find_number_among_text
from pipeline.columns.text_columns import is_prose, make_names, make_text, names_persons
from pipeline.data.schema import Feature, word_features
from pipeline.setting_tables import DatasetSettings
from pipeline.tables.table import InvalidDataset, Table

MOST_CATEGORIES = 50  # the rarer ones share the bucket of those never seen


@dataclass(frozen=True)
class ColumnReport:
    """A column as it was understood."""

    name: str
    feature: Feature | None = None
    left_out: str = ""  # why nothing is learned from it: a key of LEFT_OUT in `column_choice.py`
    missing: int = 0
    distinct: int = 0
    examples: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()  # what was decided
    warnings: tuple[str, ...] = ()  # what a person should look at
    trouble: str = ""  # why the column cannot be read, and the table not be trained on

    def with_warning(self, warning: str) -> "ColumnReport":
        return replace(self, warnings=(*self.warnings, warning))

    @property
    def learned(self) -> tuple[Feature, ...]:
        """The features of the row of numbers that are made of the column."""
        if self.left_out or self.feature is None:
            return ()
        if self.feature.type == "text":
            return word_features(self.name, self.feature.categories)
        return (self.feature,)


def infer_column(table: Table, name: str, wanted: DatasetSettings, habits: Habits) -> ColumnReport:
    column = read_cells(table, name, wanted)
    if column.own.type == "ignore":
        return _report(column, None, "ignored")
    if not column.known:
        return _report(column, None, "empty")
    feature = _find_feature(column, habits, wanted.merge_case)
    column.note_unknown()
    return _report(column, feature)


def _report(column: ColumnText, feature: Feature | None, left_out: str = "") -> ColumnReport:
    return ColumnReport(
        column.name,
        feature,
        left_out,
        column.unknown.total(),
        len(column.known),
        tuple(text for text, _ in column.known.most_common(3)),
        tuple(column.notes),
        tuple(column.warnings),
    )


def _find_feature(column: ColumnText, habits: Habits, merge_case: bool) -> Feature:
    kind, feature = column.own.type, None
    if kind in ("auto", "date"):
        feature = find_date(column, habits) or find_date_among_text(column, habits)
    if feature is None and kind == "auto" and any(map(CODE.fullmatch, column.known)):
        column.notes.append('a number that begins with 0 is a code; type = "number" if it counts')
        return _make_category(column, merge_case)
    if feature is None and kind in ("auto", "number"):
        feature = find_number(column, habits)
    if feature is None and kind in ("auto", "boolean") and are_truth_values(set(column.known)):
        example = read_truth(next(iter(column.known)))
        feature = Feature(column.name, "boolean", example=example, reading=column.reading())
    if feature is None and kind in ("auto", "number"):
        feature = find_number_among_text(column, habits, kind == "number")
    if feature is None and kind == "auto" and names_persons(column):
        return make_names(column) or _make_category(column, merge_case)
    if feature is None and (kind == "text" or (kind == "auto" and is_prose(column))):
        feature = make_text(column)
    if feature is None and kind not in ("auto", "category"):
        raise InvalidDataset(
            f"{column.first_place({next(iter(column.known))})} is no {kind}, as dataset.columns "
            f"says."
        )
    return feature or _make_category(column, merge_case)


def _make_category(column: ColumnText, merge_case: bool) -> Feature:
    known = column.known
    if column.spaces:
        column.notes.append(f"spaces around {column.spaces} cells are taken away")
    variants = find_case_variants(known)
    if variants and merge_case:
        known = join_variants(known, variants)
    elif variants:
        pair = ", ".join(repr(text) for text in next(iter(variants.values()))[:3])
        column.warn(f"{pair} differ in capitals alone; dataset.merge_case = true joins them")
    frequent = [text for text, _ in known.most_common(MOST_CATEGORIES)]
    if len(known) > MOST_CATEGORIES:
        column.notes.append(f"the {MOST_CATEGORIES} most frequent of {len(known)} values")
    categories = tuple(sorted(frequent))
    return Feature(
        column.name,
        "category",
        categories=categories,
        example=frequent[0],
        reading=column.reading(),
    )
