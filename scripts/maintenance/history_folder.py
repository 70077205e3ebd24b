"""Where moved rows are on this machine, and that nobody changes them meanwhile."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from pipeline.objects.opening import folder_of, is_bucket
from pipeline.parquet_history.history_lock import WAIT_SECONDS, HistoryBusy, history_lock
from pipeline.settings import Settings
from pipeline.store.database import connect
from scripts.cli.command import CommandError


def history_folder(settings: Settings) -> Path | None:
    """None where it is off, in a bucket, or inside of the artifacts and so goes with them."""
    place = settings.store.history
    if not place or is_bucket(place):
        return None
    folder, artifacts = folder_of(place), settings.artifacts.folder
    if is_bucket(artifacts):
        return folder
    inside = folder.resolve().is_relative_to(folder_of(artifacts).resolve())
    return None if inside else folder


@contextlib.contextmanager
def resting_history(settings: Settings) -> Iterator[None]:
    """Records and files that are read one after the other belong together."""
    if not settings.store.history:
        yield
        return
    engine = connect(settings.store)
    try:
        with history_lock(engine, WAIT_SECONDS):
            yield
    except HistoryBusy as error:
        raise CommandError(str(error)) from None
    finally:
        engine.dispose()
