"""Which SQLite the store runs on."""

import sqlite3
import sys

import pytest
from sqlalchemy import text

from pipeline.setting_tables import StoreSettings
from pipeline.store import database
from pipeline.store.database import SAFE_SQLITE, open_store, sqlite_driver


@pytest.fixture
def without_pysqlite3(monkeypatch):
    """As on another machine than Linux on x86-64."""
    monkeypatch.setitem(sys.modules, "pysqlite3", None)


def test_it_is_one_that_loses_nothing():
    assert sqlite_driver().sqlite_version_info >= SAFE_SQLITE


def test_pythons_own_serves_where_there_is_no_other(without_pysqlite3, tmp_path):
    with open_store(StoreSettings(url=f"sqlite:///{tmp_path}/b.db")).connect() as connection:
        assert connection.scalar(text("SELECT sqlite_version()")) == sqlite3.sqlite_version


@pytest.mark.parametrize(("safe", "warnings"), [((3, 0, 0), 0), ((999, 0, 0), 1)])
def test_one_that_may_lose_rows_is_named(safe, warnings, monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(database, "SAFE_SQLITE", safe)
    open_store(StoreSettings(url=f"sqlite:///{tmp_path}/b.db"))
    assert sum("may lose rows" in record.message for record in caplog.records) == warnings
