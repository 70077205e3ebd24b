"""The cells of one column, counted, with what is set and what is found out about it."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pipeline.cells.date_text import DAY_FIRST, MONTH_FIRST, possible_orders
from pipeline.cells.number_text import COMMA, POINT, possible_marks, read_numbers
from pipeline.cells.words import MISSING, UNREMARKABLE, is_missing
from pipeline.data.schema import Reading
from pipeline.setting_tables import ColumnSettings, DatasetSettings
from pipeline.tables.table import Table

ENOUGH_CELLS = 1_000  # to tell by which mark stands before decimals


@dataclass(frozen=True)
class Habits:
    """How a file writes what one column alone cannot tell: 1,234 and 03/04/2024."""

    decimal: str | None = None
    order: str | None = None
    guessed: bool = False  # the decimal mark, as no column tells: a semicolon goes with a comma


def find_habits(table: Table, names: Sequence[str], wanted: DatasetSettings) -> Habits:
    """By the columns that can tell."""
    marks: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    for name in names:
        known = [cell for cell in set(table.column(name)) if not is_missing(cell)]
        if any(COMMA in cell for cell in known):
            marks.update(_only(possible_marks(known)))
        elif read_numbers(known[:ENOUGH_CELLS]) is not None:
            marks.update(_only(possible_marks(known[:ENOUGH_CELLS])))
        orders.update({DAY_FIRST, MONTH_FIRST}.intersection(_only(possible_orders(known))))
    decimal = wanted.decimal or _most_frequent(marks)
    guessed = decimal is None and table.delimiter == ";"
    return Habits(COMMA if guessed else decimal, _most_frequent(orders), guessed)


def _only(found: Collection[str]) -> Collection[str]:
    return found if len(found) == 1 else ()


def _most_frequent(votes: Counter[str]) -> str | None:
    return votes.most_common(1)[0][0] if votes else None


@dataclass
class ColumnText:
    """`known` and `unknown` count the cells without the spaces around them."""

    table: Table
    name: str
    own: ColumnSettings
    known: Counter[str]
    unknown: Counter[str]
    words: tuple[str, ...]  # for an unknown value, besides the usual ones
    spaces: int  # cells with some around them
    notes: list[str] = field(default_factory=list)  # what was decided
    warnings: list[str] = field(default_factory=list)  # what a person should look at

    def first_place(self, texts: Collection[str]) -> str:
        """Where the first of these stands, and what it says."""
        cells = {cell for cell in set(self.table.column(self.name)) if cell.strip() in texts}
        return self.table.first_place(self.name, cells)

    def warn(self, warning: str) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)

    def reading(self, decimal: str = POINT, unit: str = "", order: str = "") -> Reading | None:
        found = Reading(decimal, unit, order, self.words)
        return None if found == Reading() else found

    def take_for_unknown(self, word: str) -> None:
        self.unknown[word] = self.known.pop(word)
        self.words = (*self.words, word.lower())

    def note_unknown(self) -> None:
        """Say which words were taken for unknown, unless they are the usual ones."""
        odd = {word: n for word, n in self.unknown.items() if word.lower() not in UNREMARKABLE}
        if odd:
            said = ", ".join(f"{word!r} in {n}" for word, n in list(odd.items())[:4])
            self.notes.append(f"unknown by its words: {said} cells")


def read_cells(table: Table, name: str, wanted: DatasetSettings) -> ColumnText:
    own = wanted.columns.get(name, ColumnSettings())
    if name in wanted.categorical:
        own = own.model_copy(update={"type": "category"})
    given = (word.strip().lower() for word in (*wanted.missing, *own.missing))
    words = tuple(dict.fromkeys(given))
    spaces, known, unknown = 0, Counter[str](), Counter[str]()
    for cell, rows in Counter(table.column(name)).items():
        text = cell.strip()
        spaces += rows if cell != text else 0
        is_unknown = text.lower() in MISSING or text.lower() in words
        (unknown if is_unknown else known)[text] += rows
    return ColumnText(table, name, own, known, unknown, words, spaces)


def find_case_variants(known: Counter[str]) -> dict[str, list[str]]:
    """Texts that differ in capitals alone, the most frequent first."""
    groups: dict[str, list[str]] = {}
    for text, _ in known.most_common():
        groups.setdefault(text.casefold(), []).append(text)
    return {fold: texts for fold, texts in groups.items() if len(texts) > 1}


def join_variants(known: Counter[str], variants: dict[str, list[str]]) -> Counter[str]:
    """With all variants under the most frequent one's name."""
    joined: Counter[str] = Counter()
    for text, rows in known.items():
        joined[variants.get(text.casefold(), [text])[0]] += rows
    return joined
