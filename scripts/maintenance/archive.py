"""Sets data, artifacts and records aside, so that another dataset can begin. Used by prepare."""

import contextlib
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from pipeline.objects.opening import is_bucket
from pipeline.production.csv_mirror import FILE
from pipeline.registry.prepared import HOLDOUT, REFERENCE, SAMPLES
from pipeline.registry.registry import open_place
from pipeline.setting_tables import StoreSettings
from pipeline.settings import Settings
from pipeline.store.database import connect, sqlite_driver
from pipeline.store.tables import feedback, predictions, retrainings
from scripts.cli.command import CommandError
from scripts.maintenance.artifacts_backup import STAMP, set_aside
from scripts.maintenance.history_folder import history_folder


def archive(settings: Settings, *more: Path) -> None:
    """Move what belongs to the present dataset, and what else is named, out of the way.

    Nothing is deleted.
    """
    made = [settings.paths.data / name for name in (REFERENCE, HOLDOUT, FILE, SAMPLES)]
    artifacts, stamp = open_place(settings.artifacts), datetime.now(UTC).strftime(STAMP)
    own = [] if artifacts.shared else [artifacts.folder]
    records = [*release_records(settings.store), settings.store.spool]
    history = [folder] if (folder := history_folder(settings)) else []
    wanted = (*made, *own, *history, *records, *more)
    places = {path: path.name for path in wanted if path.exists()}
    places |= _reports(settings)
    if moved := set_aside(artifacts, stamp):
        print(f"Set aside in {moved}: what the bucket held.")
    if places:
        aside = settings.paths.archive / stamp
        for path, place in places.items():
            (aside / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, aside / place)
        print(f"Set aside in {aside}: {', '.join(_tops(places.values()))}.")
        if is_bucket(settings.store.history):
            print(f"{settings.store.history} stays as it is: the records set aside name its files.")


def _reports(settings: Settings) -> dict[Path, str]:
    """Reports of one dataset say nothing beside those of another. The folders may be mounts."""
    folders = (settings.reporting.reports, settings.reporting.workspace)
    inside = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
    return {
        path: f"{path.parent.name}/{path.name}"
        for path in inside
        if not path.name.startswith(".git")
    }


def _tops(places: Iterable[str]) -> list[str]:
    """The files and folders themselves, without what is in them."""
    return list(dict.fromkeys(place.partition("/")[0] for place in places))


def release_records(wanted: StoreSettings) -> list[Path]:
    """The files of the records; Declined while a service has them open or they are no files."""
    url = make_url(wanted.url)
    if url.get_backend_name() != "sqlite" or not url.database:
        _refuse_tables(wanted, url)
        return []
    database = Path(url.database)
    if database.exists():
        _fold_wal(database)
    return [database, *(database.with_name(f"{database.name}-{end}") for end in ("wal", "shm"))]


def _fold_wal(database: Path) -> None:
    """Make it one file again, which SQLite refuses while anybody else has it open."""
    driver = sqlite_driver()
    with contextlib.closing(driver.connect(str(database), timeout=0.5)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except driver.OperationalError as error:
            raise CommandError(
                f"{database} is in use ({error}): stop serving, the trainer and the reports "
                f"first. Nothing was changed."
            ) from None
        except driver.DatabaseError:
            return  # it is damaged, and set aside as it is


def _refuse_tables(wanted: StoreSettings, url: URL) -> None:
    """A database on a server is not ours to move; an empty one needs no moving."""
    engine = connect(wanted)
    try:
        with engine.execution_options(readonly=True).connect() as connection:
            known = inspect(connection).get_table_names()
            for table in (predictions, feedback, retrainings):
                if table.name in known and connection.scalar(select(1).select_from(table).limit(1)):
                    raise CommandError(
                        f"The database {url.database} holds records of the present dataset. "
                        f"Stop all services and set it aside, for example with ALTER DATABASE "
                        f"{url.database} RENAME TO {url.database}_old and CREATE DATABASE "
                        f"{url.database}, or name another in store.url. Then run this again."
                    )
    except SQLAlchemyError as error:
        reason = str(error).splitlines()[0]
        raise CommandError(f"The store cannot be opened to see what it holds: {reason}") from error
    finally:
        engine.dispose()
