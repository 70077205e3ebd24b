"""Objects in a bucket of S3, Google Cloud Storage or Azure. Needs obstore.

Credentials come from where the provider's own tools find them, AWS_ACCESS_KEY_ID and the like.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    NotModifiedError,
    PreconditionError,
)
from obstore.store import from_url

from pipeline.objects.object_store import ObjectsUnavailable, StoredObject, check_name

CONNECT_SECONDS = 3
RETRIES, RETRY_SECONDS = 2, 10
ENDPOINTS = ("AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_ENDPOINT", "GOOGLE_BASE_URL")


class BucketObjects:
    def __init__(self, url: str, seconds: float) -> None:
        self._url = url.rstrip("/")
        self._store: Any = from_url(
            self._url,
            client_options={
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                "timeout": timedelta(seconds=seconds),
                "allow_http": any(os.environ.get(e, "").startswith("http:") for e in ENDPOINTS),
            },
            retry_config={
                "max_retries": RETRIES,
                "retry_timeout": timedelta(seconds=RETRY_SECONDS),
            },
        )

    @property
    def url(self) -> str:
        return self._url

    def read(self, name: str, known: StoredObject | None = None) -> StoredObject | None:
        wanted: Any = {"if_none_match": _version(known.tag)["e_tag"]} if known else None
        with self._asking(name):
            try:
                found = obstore.get(self._store, check_name(name), options=wanted)
                return StoredObject(bytes(found.bytes()), _tag(found.meta))
            except NotModifiedError:
                return known
            except FileNotFoundError:
                return None

    def create(self, name: str, content: bytes) -> StoredObject | None:
        return self._put_if(name, content, "create")

    def replace(self, name: str, content: bytes, known: StoredObject) -> StoredObject | None:
        return self._put_if(name, content, _version(known.tag))

    def write(self, name: str, content: bytes) -> StoredObject:
        with self._asking(name):
            return self._put(name, content, "overwrite")

    def names(self, below: str = "") -> Iterator[str]:
        found: list[str] = []
        with self._asking(below):
            for page in obstore.list(self._store, check_name(below) if below else None):
                found += [one["path"] for one in page]
        return iter(sorted(found))

    def delete(self, name: str) -> None:
        with self._asking(name):
            try:
                obstore.delete(self._store, check_name(name))
            except FileNotFoundError:
                return

    def _put_if(self, name: str, content: bytes, mode: Any) -> StoredObject | None:
        with self._asking(name):
            try:
                return self._put(name, content, mode)
            except (AlreadyExistsError, PreconditionError, FileNotFoundError):
                return None

    def _put(self, name: str, content: bytes, mode: Any) -> StoredObject:
        """In one request, whatever its size: conditions hold for nothing else."""
        written = obstore.put(
            self._store, check_name(name), content, mode=mode, use_multipart=False
        )
        return StoredObject(content, _tag(written))

    @contextmanager
    def _asking(self, name: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            reason = str(error).strip().splitlines()[0][:300]
            raise ObjectsUnavailable(f"{self._url}, {name}: {reason}") from error


def _tag(answer: Any) -> str:
    """The ETag and, where the store tells it, the version: Google's condition is on that alone."""
    version = answer.get("version")
    return f"{answer['e_tag']} {version}" if version else str(answer["e_tag"])


def _version(tag: str) -> dict[str, str]:
    e_tag, _, version = tag.partition(" ")
    return {"e_tag": e_tag, "version": version} if version else {"e_tag": e_tag}
