"""The store that a setting names: a folder, or a bucket by its URL."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline.objects.folder_objects import FolderObjects
from pipeline.objects.object_store import ObjectStore
from pipeline.settings import InvalidSetting

BUCKETS = ("s3", "gs", "az")
REQUEST_SECONDS = 300.0  # for a large file over a slow line


def is_bucket(place: str) -> bool:
    return place.partition("://")[0] in BUCKETS


def folder_of(place: str) -> Path:
    """The folder that a path or a file:// URL names."""
    if not place.startswith("file://"):
        return Path(place)
    parts = urlsplit(place)
    if parts.netloc not in ("", "localhost"):
        raise InvalidSetting(f"{place} is on another machine: a file:// URL has three slashes.")
    return Path(unquote(parts.path))


def open_objects(place: str, seconds: float = REQUEST_SECONDS) -> ObjectStore:
    """A path or file:// is a folder; s3://, gs:// and az:// need the package obstore.

    A request to a bucket that takes longer than `seconds` has failed.
    """
    if is_bucket(place):
        return _open_bucket(place, seconds)
    scheme, found, _ = place.partition("://")
    if found and scheme != "file":
        known = ", ".join(f"{name}://" for name in (*BUCKETS, "file"))
        raise InvalidSetting(f"{place!r} is neither a folder nor begins with one of {known}.")
    return FolderObjects(folder_of(place))


def _open_bucket(place: str, seconds: float) -> ObjectStore:
    try:
        from pipeline.objects.bucket_objects import BucketObjects
    except ImportError:
        raise InvalidSetting(
            f"{place} needs the package obstore; make bucket installs it."
        ) from None
    try:
        return BucketObjects(place, seconds)
    except Exception as error:
        reason = str(error).strip().splitlines()[0][:300]
        raise InvalidSetting(f"{place} names no bucket that can be used: {reason}") from error
