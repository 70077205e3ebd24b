"""The networks that read free text, each under the SHA-256 of its file.

A feature names its network by that; whoever opens a version adds the one that lies in it, so that
`observation.py` need not know where networks come from.
"""

from collections.abc import Callable

Reader = Callable[[str], list[float]]

_readers: dict[str, Reader] = {}


def add_text_network(digest: str, read: Reader) -> None:
    _readers[digest] = read


def read_text(digest: str, text: str) -> list[float]:
    """The features of a text."""
    return _readers[digest](text)
