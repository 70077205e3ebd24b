"""The same tests for versions in a folder and in a bucket."""

import pytest

from tests.support.places import InBucket, InFolder


@pytest.fixture(params=["folder", "bucket"])
def versions(request, tmp_path):
    if request.param == "folder":
        return InFolder(tmp_path / "artifacts")
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
