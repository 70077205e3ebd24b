"""Columns of free text: reviews, tickets, descriptions. What is learned from is their words.

Of persons' names only the forms of address are: a name stands for who bears it, and what is learned
from it holds for no one else.
"""

from pipeline.cells.text_words import addresses_person, choose_words
from pipeline.cells.words import FORMS_OF_ADDRESS
from pipeline.columns.column_text import ColumnText
from pipeline.data.schema import Feature

LEAST_WORDS = 3  # in a cell on average: sentences, and names of which some words come again
LEAST_TEXTS = 20
MOSTLY_DISTINCT = 0.5  # the share of cells that stand once; categories come again
MOSTLY_ADDRESSED = 0.8  # the share of the texts with a form of address where they name persons
MOSTLY_CAPITALS = 0.9  # the share of the words with a capital where they may name persons
NAMES = "if it holds names of persons, put it in dataset.ignore: they foretell nothing for others"
LONGEST_NAMES = 8  # words on average: a letter to someone holds more
SHOWN = 6


def is_prose(column: ColumnText) -> bool:
    """Whether nearly every cell is a text of its own, of several words."""
    return _is_mostly_distinct(column) and _mean_words(column) >= LEAST_WORDS


def names_persons(column: ColumnText) -> bool:
    """Whether nearly every cell is a name of its own, with Mr, Mme or Dr before it."""
    if not _is_mostly_distinct(column) or _mean_words(column) > LONGEST_NAMES:
        return False
    addressed = sum(map(addresses_person, column.known))
    return addressed >= MOSTLY_ADDRESSED * len(column.known)


def _is_mostly_distinct(column: ColumnText) -> bool:
    cells = column.known.total()
    return cells >= LEAST_TEXTS and len(column.known) >= MOSTLY_DISTINCT * cells


def _mean_words(column: ColumnText) -> float:
    return sum(len(text.split()) for text in column.known) / len(column.known)


def _may_name_persons(column: ColumnText) -> bool:
    words = [word for text in column.known for word in text.split()]
    capitals = sum(word[:1].isupper() for word in words)
    return _mean_words(column) <= LONGEST_NAMES and capitals >= MOSTLY_CAPITALS * len(words)


def make_text(column: ColumnText) -> Feature | None:
    """None where no word is in several texts."""
    words = choose_words(column.known.elements())
    if not words:
        return None
    column.notes.append(f"{len(words)} of its words are counted: {_show(words)}")
    if column.own.type == "auto" and _may_name_persons(column):
        column.warn(NAMES)
    return _make_feature(column, words)


def make_names(column: ColumnText) -> Feature | None:
    """Names of persons, of which the forms of address are counted; None where they tell nothing."""
    frequent = choose_words(column.known.elements())
    words = tuple(word for word in frequent if word in FORMS_OF_ADDRESS)
    if not words:
        return None
    column.notes.append(
        f"names of persons, of which only the forms of address are counted: {_show(words)}; "
        f'type = "text" counts all words'
    )
    return _make_feature(column, words)


def _show(words: tuple[str, ...]) -> str:
    return ", ".join(words[:SHOWN]) + (" …" if len(words) > SHOWN else "")


def _make_feature(column: ColumnText, words: tuple[str, ...]) -> Feature:
    return Feature(column.name, "text", categories=words, example=next(iter(column.known)))
