"""The database behind the records: SQLite by default, PostgreSQL by URL."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.schema import CreateColumn, CreateTable

from pipeline.setting_tables import StoreSettings
from pipeline.settings import InvalidSetting
from pipeline.store.records import StoreUnavailable
from pipeline.store.tables import feedback, metadata, retrainings, state

log = logging.getLogger(__name__)
# Each brings a store to the next version of the schema; a new store takes them too, from 1 on.
# A column is added where it is missing.
MIGRATIONS: tuple[str | Column[Any], ...] = (
    "CREATE INDEX IF NOT EXISTS feedback_embedding ON feedback (embedding_id)",
    "CREATE INDEX IF NOT EXISTS subjects_subject ON subjects (subject)",
    "CREATE INDEX IF NOT EXISTS corrections_feedback ON corrections (feedback_id)",
    retrainings.c.actor,
    retrainings.c.foreign_model,
    feedback.c.observation_digest,
)
SCHEMA_VERSION = 1 + len(MIGRATIONS)
FIRST_STATE = {
    "schema_version": 1,
    "feedback_rows": 0,
    "mirror_corrections": 0,
    "history_predictions": 0,
    "history_feedback": 0,
    "history_corrections": 0,
}
BUSY_MILLISECONDS = 5_000
SAFE_SQLITE = (3, 51, 3)
BEGINNINGS = "sqlite:/// or postgresql://"


def open_store(wanted: StoreSettings) -> Engine:
    """With its tables, or without while it is away. InvalidSetting where it cannot be used."""
    engine = connect(wanted)
    with contextlib.suppress(StoreUnavailable):
        create_schema(engine)
    return engine


def connect(wanted: StoreSettings) -> Engine:
    """Connect lazily; `create_schema` makes the tables. An engine knows where its history is."""
    found = {"history": wanted.history}
    try:
        url = make_url(wanted.url)
    except ArgumentError:
        raise InvalidSetting(f"store.url is no URL: it must begin with {BEGINNINGS}.") from None
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url.database, found)
    if url.get_backend_name() == "postgresql":
        return create_engine(
            with_password(url, wanted.password_file).set(drivername="postgresql+psycopg"),
            paramstyle="format",
            execution_options=found,
            pool_pre_ping=True,
            pool_size=4,
            connect_args={
                "connect_timeout": 3,
                "tcp_user_timeout": 10_000,  # milliseconds; a peer that vanished is noticed
                "keepalives_idle": 5,
                "options": "-c synchronous_commit=on -c statement_timeout=10000",
            },
        )
    shown = url.render_as_string(hide_password=True)
    raise InvalidSetting(f"store.url is {shown!r}: it must begin with {BEGINNINGS}.")


def with_password(url: URL, file: str) -> URL:
    if not file:
        return url
    try:
        return url.set(password=Path(file).read_text().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"store.password_file names {file}, no password: {error}.") from None


def sqlite_driver() -> Any:
    """Python's module for SQLite, in a release that loses nothing where there is one.

    Before 3.51.3 SQLite could lose what several processes wrote, when one began its log anew.
    pysqlite3 brings a later one, for Linux on x86-64 alone.
    """
    try:
        import pysqlite3 as driver
    except ImportError:
        import sqlite3 as driver
    return driver


def _open_sqlite(database: str | None, options: dict[str, Any]) -> Engine:
    if not database or database == ":memory:":
        raise InvalidSetting("store.url names no file; for example sqlite:///store/boucle.db.")
    driver = sqlite_driver()
    if driver.sqlite_version_info < SAFE_SQLITE:
        log.warning(
            "SQLite %s may lose rows that several processes write; 3.51.3 does not, nor PostgreSQL",
            driver.sqlite_version,
        )
    Path(database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arguments = {"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False}
    engine = create_engine(
        f"sqlite:///{database}",
        module=driver,
        connect_args=arguments,
        execution_options=options,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself
    for setting in ("journal_mode = WAL", "synchronous = FULL", "wal_autocheckpoint = 0"):
        connection.execute(f"PRAGMA {setting}")


def _begin_immediate(connection: Any) -> None:
    """Take the write lock at once: a read that turns into a write may not wait for it."""
    readonly = connection.get_execution_options().get("readonly", False)
    connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")


@contextlib.contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Read as of one moment, however many queries it takes."""
    is_server = engine.dialect.name == "postgresql"  # in SQLite every transaction is one
    level = {"isolation_level": "REPEATABLE READ"} if is_server else {}
    with engine.execution_options(readonly=True, **level).connect() as connection:
        yield connection


@contextlib.contextmanager
def overwriting(engine: Engine) -> Iterator[Connection]:
    """A transaction after which nothing of a deleted row is left in the file of SQLite."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA secure_delete = ON")
            connection.commit()
        with connection.begin():
            yield connection


def create_schema(engine: Engine) -> None:
    """Make the tables, or bring those of an earlier Boucle up to date; later ones are refused."""
    try:
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
            for name, value in FIRST_STATE.items():
                query = select(state.c.value).where(state.c.name == name)
                if connection.scalar(query) is None:
                    connection.execute(insert(state).values(name=name, value=value))
            found = _migrate(connection)
    except SQLAlchemyError as error:
        raise StoreUnavailable(f"The store cannot be opened: {_first_line(error)}") from error
    if found > SCHEMA_VERSION:
        raise InvalidSetting(
            f"The store has schema {found}, this Boucle knows {SCHEMA_VERSION}: it was last used "
            f"by a later one."
        )


def _migrate(connection: Connection) -> int:
    """Take the steps that are left, one process at a time; returns the version that was found."""
    mine = state.c.name == "schema_version"
    found = int(
        connection.execute(select(state.c.value).where(mine).with_for_update()).scalar_one()
    )
    steps = MIGRATIONS[found - 1 :]
    if steps:
        lift_timeout(connection)
    for step in steps:
        _take(connection, step)
    if steps:
        connection.execute(update(state).where(mine).values(value=SCHEMA_VERSION))
    return found


def lift_timeout(connection: Connection) -> None:
    """Until the transaction ends: what looks at every row of a large table takes longer."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def _take(connection: Connection, step: str | Column[Any]) -> None:
    if isinstance(step, str):
        connection.exec_driver_sql(step)
        return
    table = step.table.name
    if step.name not in {column["name"] for column in inspect(connection).get_columns(table)}:
        described = CreateColumn(step).compile(dialect=connection.dialect)
        connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {described}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
