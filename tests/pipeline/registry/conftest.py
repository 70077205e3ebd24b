"""The same tests for versions in a folder and in a bucket."""

import pytest

from tests.support.models_and_records.places import InBucket, InFolder


@pytest.fixture(
    params=["folder", *(pytest.param(one, marks=pytest.mark.slow) for one in ("bucket", "azure"))]
)
def versions(request, tmp_path):
    if request.param == "folder":
        return InFolder(tmp_path / "artifacts")
    if request.param == "azure":
        return InBucket(f"{request.getfixturevalue('azure')}/{tmp_path.name}", tmp_path / "caches")
    return request.getfixturevalue("in_bucket")


@pytest.fixture
def in_folder(tmp_path):
    return InFolder(tmp_path / "artifacts")


@pytest.fixture
def in_bucket(bucket, tmp_path):
    return InBucket(f"{bucket.url}/{tmp_path.name}", tmp_path / "caches")


@pytest.fixture
def artifacts(versions):
    return versions.registry
