"""The database behind the records: SQLite by default, PostgreSQL by URL, one schema for both."""

from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Double,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.schema import CreateTable

from pipeline.setting_tables import StoreSettings
from pipeline.settings import InvalidSetting

# Each brings a store to the next version of the schema; a new store takes them too, from 1 on.
MIGRATIONS = ("CREATE INDEX IF NOT EXISTS feedback_embedding ON feedback (embedding_id)",)
SCHEMA_VERSION = 1 + len(MIGRATIONS)
BUSY_MILLISECONDS = 5_000
BEGINNINGS = "sqlite:/// or postgresql://"

metadata = MetaData()
Sequence = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only INTEGER keys up

predictions = Table(
    "predictions",
    metadata,
    Column("seq", Sequence, primary_key=True),
    Column("id", Text, unique=True, nullable=False),
    Column("at", Double, nullable=False),
    Column("version", Text, nullable=False),
    Column("embedding_id", Text, nullable=False),
    Column("observation", LargeBinary, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("pca_residual", Double, nullable=False),
    Column("prediction", Text, nullable=False),
    Column("probabilities", LargeBinary, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", Text, unique=True, nullable=False),
    Column("prediction_id", Text, unique=True),
    Column("at", Double, nullable=False),
    Column("predicted_at", Double),
    Column("version", Text),
    Column("embedding_id", Text, nullable=False),
    Column("observation", LargeBinary),  # where no prediction holds it
    Column("vector", LargeBinary, nullable=False),
    Column("pca_residual", Double, nullable=False),
    Column("prediction", Text, nullable=False),
    Column("target", Text, nullable=False),
)

corrections = Table(  # `feedback` holds the target that is valid, this what it was before
    "corrections",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("feedback_seq", BigInteger, nullable=False),
    Column("feedback_id", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("actor", Text, nullable=False),
)

history = Table(  # sums of a minute, an hour or a day: pipeline/history/sums.py keeps them
    "history",
    metadata,
    Column("step", Integer, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("predicted", BigInteger, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("calibrated", BigInteger, nullable=False),
    Column("expected", Double, nullable=False),
    Column("answered", BigInteger, nullable=False),
    Column("right", BigInteger, nullable=False),
    Column("actual", BigInteger, nullable=False),
)

reviews = Table(  # predictions that somebody looks at, or looked at and skipped
    "reviews",
    metadata,
    Column("prediction_id", Text, primary_key=True),
    Column("until", Double, nullable=False),
)

retrainings = Table(
    "retrainings",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("every", Integer),
    Column("bucket", BigInteger),
    Column("request_key", Text, unique=True),
    Column("trigger", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("stage", Text),
    Column("progress", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("requested_at", Double, nullable=False),
    Column("not_before", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("lease_owner", Text),
    Column("lease_until", Double),
    Column("parent", Text),
    Column("version", Text),
    Column("reason", Text),
    Column("numbers", Text),
    UniqueConstraint("every", "bucket"),
)

mirror = Table(
    "mirror",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("checksum", BigInteger, nullable=False),
)

state = Table(
    "state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)


class StoreUnavailable(Exception):
    """The store cannot be reached or written now; it may come back."""


def connect(wanted: StoreSettings) -> Engine:
    """Connect lazily; `create_schema` makes the tables."""
    try:
        url = make_url(wanted.url)
    except ArgumentError:
        raise InvalidSetting(f"store.url is no URL: it must begin with {BEGINNINGS}.") from None
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url.database)
    if url.get_backend_name() == "postgresql":
        return create_engine(
            with_password(url, wanted.password_file).set(drivername="postgresql+psycopg"),
            paramstyle="format",
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


def _open_sqlite(database: str | None) -> Engine:
    import pysqlite3

    if not database or database == ":memory:":
        raise InvalidSetting("store.url names no file; for example sqlite:///store/boucle.db.")
    Path(database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arguments = {"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False}
    engine = create_engine(f"sqlite:///{database}", module=pysqlite3, connect_args=arguments)
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


def create_schema(engine: Engine) -> None:
    """Make the tables, or bring those of an earlier Boucle up to date; later ones are refused."""
    try:
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
            for name, value in (("schema_version", 1), ("feedback_rows", 0)):
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
    if steps and connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # a large table takes longer
    for step in steps:
        connection.exec_driver_sql(step)
    if steps:
        connection.execute(update(state).where(mine).values(value=SCHEMA_VERSION))
    return found


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
