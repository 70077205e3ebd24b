"""Ways to take the store away from a server, and to look into it; used by the tests."""

import contextlib
import sqlite3

import pytest
from sqlalchemy import select

from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect

STORES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]


class Sqlite:
    """Away: another process holds the write lock, for longer than anybody would wait."""

    def __init__(self, server):
        self.path = server.installation.folder / "store" / "boucle.db"

    @contextlib.contextmanager
    def away(self):
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")


class Stopped:
    """Away: the cluster is stopped, connections are refused."""

    def __init__(self, cluster):
        self.cluster = cluster

    @contextlib.contextmanager
    def away(self):
        self.cluster.stop()
        yield
        self.cluster.start()


class Frozen(Stopped):
    """Away: the cluster hangs, connections stay open."""

    @contextlib.contextmanager
    def away(self):
        self.cluster.pause()
        yield
        self.cluster.resume()


def records(server, table):
    engine = connect(StoreSettings(url=server.installation.settings().store.url))
    with engine.execution_options(readonly=True).connect() as connection:
        found = set(connection.scalars(select(table.c.id)))
    engine.dispose()
    return found
