"""A store with a history: each kind of store, and each kind of place."""

import pytest

from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect, create_schema
from tests.support.processes.buckets import Bucket


@pytest.fixture(scope="session")
def bucket():
    with Bucket.started() as bucket:
        yield bucket


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.slow)])
def place(request, tmp_path):
    if request.param == "folder":
        return str(tmp_path / "history")
    return f"{request.getfixturevalue('bucket').url}/{tmp_path.name}"


@pytest.fixture
def kept(store_url, place):
    engine = connect(StoreSettings(url=store_url, history=place))
    create_schema(engine)
    yield engine
    engine.dispose()
