"""What a user can mend ends a command with one sentence."""

import sys
from collections.abc import Callable

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


def run(command: Callable[[], None]) -> None:
    """Run a command; what its user can mend ends it with a sentence instead of a traceback."""
    try:
        command()
    except EXPECTED as error:
        print(f"{error}", file=sys.stderr)
        sys.exit(1)
