"""The store's address: the password may come from a file, and a wrong address is a sentence."""

import pytest
from sqlalchemy import insert, inspect, select, update
from sqlalchemy.schema import CreateTable

from pipeline.setting_tables import StoreSettings
from pipeline.settings import InvalidSetting
from pipeline.store.database import MIGRATIONS, SCHEMA_VERSION, connect, create_schema
from pipeline.store.tables import metadata, state

ADDRESS = "postgresql://boucle@postgres/boucle"


def test_the_password_comes_from_a_file(tmp_path):
    (tmp_path / "password").write_text("p@ss/word\n")
    engine = connect(StoreSettings(url=ADDRESS, password_file=str(tmp_path / "password")))
    assert (engine.url.username, engine.url.password) == ("boucle", "p@ss/word")


def test_the_password_is_not_shown_where_the_address_is(tmp_path):
    (tmp_path / "password").write_text("secret")
    engine = connect(StoreSettings(url=ADDRESS, password_file=str(tmp_path / "password")))
    assert "secret" not in repr(engine)


def test_a_password_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InvalidSetting, match=r"password_file names .*/none, no password"):
        connect(StoreSettings(url=ADDRESS, password_file=str(tmp_path / "none")))


def version_of(engine):
    with engine.connect() as connection:
        return connection.scalar(select(state.c.value).where(state.c.name == "schema_version"))


def indexes(engine):
    return [index["name"] for index in inspect(engine).get_indexes("feedback")]


def test_a_store_of_the_first_schema_is_brought_up_to_date_with_its_records(store_url):
    engine = connect(StoreSettings(url=store_url))
    with engine.begin() as connection:  # as the first Boucle made it
        for table in metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
        connection.exec_driver_sql("DROP INDEX IF EXISTS feedback_embedding")
        connection.exec_driver_sql("ALTER TABLE retrainings DROP COLUMN actor")
        connection.exec_driver_sql("ALTER TABLE feedback DROP COLUMN observation_digest")
        for table in ("history_files", "erasures"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        rows = [{"name": "schema_version", "value": 1}, {"name": "feedback_rows", "value": 7}]
        connection.execute(insert(state), rows)
    create_schema(engine)
    create_schema(engine)
    assert version_of(engine) == SCHEMA_VERSION
    assert "feedback_embedding" in indexes(engine)
    assert "actor" in [one["name"] for one in inspect(engine).get_columns("retrainings")]
    assert "observation_digest" in [one["name"] for one in inspect(engine).get_columns("feedback")]
    assert {"history_files", "erasures"} <= set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.scalar(select(state.c.value).where(state.c.name == "feedback_rows")) == 7
    engine.dispose()


def test_a_new_store_is_what_the_migrations_make(store):
    assert version_of(store) == 1 + len(MIGRATIONS)
    assert "feedback_embedding" in indexes(store)


def test_a_store_of_a_later_boucle_is_refused_and_left_as_it_is(store):
    with store.begin() as connection:
        newer = update(state).where(state.c.name == "schema_version")
        connection.execute(newer.values(value=SCHEMA_VERSION + 1))
    with pytest.raises(InvalidSetting, match="it was last used by a later one"):
        create_schema(store)
    assert version_of(store) == SCHEMA_VERSION + 1
