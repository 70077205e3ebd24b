"""What a user can mend ends a command with one sentence."""

import sys
from collections.abc import Callable

from pipeline.embedding.vectors import EmbeddingMismatch
from pipeline.model.engine import EngineUnavailable
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.prepared import NotPrepared
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.settings import InvalidSetting
from pipeline.tables.table import InvalidDataset


class CommandError(Exception):
    """A command that cannot be done now; the text says why, and what to do."""


USER_ERRORS = (
    InvalidSetting,
    InvalidDataset,
    NotPrepared,
    UntrustedArtifact,
    ObjectsUnavailable,
    EngineUnavailable,
    EmbeddingMismatch,
    ObjectsUnavailable,
    CommandError,
)


def run(command: Callable[[], None]) -> None:
    """Run a command; what its user can mend ends it with a sentence instead of a traceback."""
    try:
        command()
    except USER_ERRORS as error:
        print(f"{error}", file=sys.stderr)
        sys.exit(1)
