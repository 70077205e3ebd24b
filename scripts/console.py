"""What the commands share at the terminal: a progress bar, and an end with one sentence."""

import sys
from collections.abc import Callable
from typing import NoReturn

from tqdm import tqdm

from pipeline.data.csv_table import BadDataset
from pipeline.embedding.vectors import ForeignVectors
from pipeline.model.parity import ParityBroken
from pipeline.registry.prepared import NotPrepared
from pipeline.registry.signed_folder import Refused
from pipeline.settings import WrongSetting


class Declined(Exception):
    """A command that cannot be done now; the text says why, and what to do."""


EXPECTED = (
    *(WrongSetting, BadDataset, NotPrepared, Refused, ParityBroken, ForeignVectors),
    Declined,
)


class Bar:
    """Shows each stage of long work as a bar; silent where nobody looks at a terminal."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None
        self._stage = ""

    def __call__(self, stage: str, share: float) -> None:
        if stage != self._stage:
            self.close()
            form = "{desc:16} {percentage:3.0f}% |{bar:30}| {elapsed}"
            self._bar = tqdm(total=1.0, desc=stage, bar_format=form, disable=None)
            self._stage = stage
        if self._bar is not None:
            self._bar.update(share - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def run(command: Callable[[], None]) -> None:
    """Run a command; what its user can mend ends it with a sentence instead of a traceback."""
    try:
        command()
    except EXPECTED as error:
        print(f"{error}", file=sys.stderr)
        sys.exit(1)
