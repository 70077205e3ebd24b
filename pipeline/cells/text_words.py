"""Free text as words: what is in it, and how often."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from pipeline.cells.words import FORMS_OF_ADDRESS

MONSIEUR = re.compile(r"\bM\.")  # too short for a word
WORD = re.compile(r"[^\W\d_]{2,40}")
MOST_WORDS = 500  # of a column
MOST_COUNTS = 25_000_000  # words times texts: of many texts fewer words are counted
RAREST, COMMONEST = 0.005, 0.6  # as a share of the texts: others tell hardly anything
FEWEST_TEXTS = 3  # that a word must be in


def split_words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def addresses_person(text: str) -> bool:
    """Whether it holds a form of address: Mr, Mme, Dr."""
    return not FORMS_OF_ADDRESS.isdisjoint(split_words(text)) or bool(MONSIEUR.search(text))


def choose_words(texts: Iterable[str]) -> tuple[str, ...]:
    """The words that split the texts best; those first that are nearest to being in half."""
    found: Counter[str] = Counter()
    total = 0
    for text in texts:
        found.update(set(split_words(text)))
        total += 1
    least = max(FEWEST_TEXTS, RAREST * total)
    known = {word: n for word, n in found.items() if least <= n <= COMMONEST * total}
    ordered = sorted(known, key=lambda word: (-known[word] * (total - known[word]), word))
    most = min(MOST_WORDS, MOST_COUNTS // max(1, total))
    return tuple(ordered[:most])


def count_words(text: str, words: Sequence[str]) -> list[float]:
    """How often each of these words is in the text."""
    counts = Counter(split_words(text))
    return [float(counts[word]) for word in words]


def write_words(counts: Iterable[tuple[str, float]]) -> str:
    """A text in which each word is so often: the inverse of count_words."""
    return " ".join(word for word, times in counts for _ in range(max(0, round(times))))
