"""Columns of free text: reviews, tickets, descriptions. What is learned from is their words."""

from pipeline.cells.text_words import choose_words
from pipeline.columns.column_text import ColumnText
from pipeline.data.schema import Feature

LEAST_WORDS = 3  # in a cell on average: sentences, and names of which some words come again
LEAST_TEXTS = 20
MOSTLY_DISTINCT = 0.5  # the share of cells that stand once; categories come again
SHOWN = 6


def is_prose(column: ColumnText) -> bool:
    """Whether nearly every cell is a text of its own, of several words."""
    cells = column.known.total()
    if cells < LEAST_TEXTS or len(column.known) < MOSTLY_DISTINCT * cells:
        return False
    words = sum(len(text.split()) for text in column.known)
    return words >= LEAST_WORDS * len(column.known)


def make_text(column: ColumnText) -> Feature | None:
    """None where no word is in several texts."""
    words = choose_words(column.known.elements())
    if not words:
        return None
    shown = ", ".join(words[:SHOWN]) + (" …" if len(words) > SHOWN else "")
    column.notes.append(f"{len(words)} of its words are counted: {shown}")
    return Feature(column.name, "text", categories=words, example=next(iter(column.known)))
