"""Versions in a folder or a bucket, and what happens to them behind the registry's back."""

import os
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from pipeline.objects.object_store import ObjectStore
from pipeline.objects.opening import open_objects
from pipeline.registry.bucket_cache import BucketCache
from pipeline.registry.bucket_place import BucketPlace
from pipeline.registry.folder_place import FolderPlace
from pipeline.registry.registry import POINTER_SECONDS, ModelRegistry
from pipeline.registry.signing import Key

KEY = Key.from_seed(b"k" * 32)


class Versions:
    """`registry` is this machine's; `elsewhere` has seen nothing yet."""

    objects: ObjectStore
    registry: ModelRegistry

    def elsewhere(self) -> ModelRegistry:
        raise NotImplementedError

    def age(self, number: str, seconds: float) -> None:
        raise NotImplementedError

    def write(self, name: str, content: bytes) -> None:
        self.objects.write(name, content)

    def remove(self, folder: str) -> None:
        for name in self.objects.names(folder):
            self.objects.delete(name)


@dataclass
class InFolder(Versions):
    folder: Path

    def __post_init__(self) -> None:
        self.objects = open_objects(str(self.folder))
        self.registry = self.elsewhere()

    def elsewhere(self) -> ModelRegistry:
        return ModelRegistry(FolderPlace(self.folder), KEY, keep=3, grace_seconds=60)

    def age(self, number: str, seconds: float) -> None:
        past = time.time() - seconds
        os.utime(self.folder / "versions" / number, (past, past))

    def remove(self, folder: str) -> None:
        shutil.rmtree(self.folder / folder)


@dataclass
class InBucket(Versions):
    url: str
    caches: Path
    grace_seconds: float = 60
    machines: count = field(default_factory=count)

    def __post_init__(self) -> None:
        self.objects = open_objects(self.url)
        self.registry = self.elsewhere()

    def elsewhere(self) -> ModelRegistry:
        cache = BucketCache(self.caches / f"{next(self.machines)}", 3)
        pointers = open_objects(self.url, POINTER_SECONDS)
        place = BucketPlace(open_objects(self.url), pointers, cache)
        return ModelRegistry(place, KEY, keep=3, grace_seconds=self.grace_seconds)

    def age(self, number: str, seconds: float) -> None:
        past = datetime.now(UTC) - timedelta(seconds=seconds)
        self.write(f"versions/{number}/claim", f"{past.isoformat()} aged".encode())
