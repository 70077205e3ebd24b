"""How long work says how far it is: a stage by name and the share of it that is done."""

from collections.abc import Callable

Progress = Callable[[str, float], None]


def no_progress(_stage: str, _share: float) -> None:
    """For callers that nobody watches."""
