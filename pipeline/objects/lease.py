"""A lease that is an object: of processes on several machines one has it, while it prolongs it."""

import secrets
import time

from pipeline.objects.object_store import ObjectStore

SECONDS = 60.0  # the clocks of the machines may differ by less


class Lease:
    def __init__(self, objects: ObjectStore, name: str, seconds: float = SECONDS) -> None:
        self._objects = objects
        self._name = name
        self._seconds = seconds
        self._owner = secrets.token_hex(8)
        self._until = 0.0

    def take(self) -> bool:
        """Take it, or prolong it once half of it is over; False while another one has it."""
        now = time.time()
        if now < self._until - self._seconds / 2:
            return True
        taken = self._write(f"{self._owner} {now + self._seconds}".encode())
        self._until = now + self._seconds if taken else 0.0
        return taken

    def _write(self, content: bytes) -> bool:
        found = self._objects.read(self._name)
        if found is None:
            return self._objects.create(self._name, content) is not None
        if self._is_anothers(found.content):
            return False
        return self._objects.replace(self._name, content, found) is not None

    def give_back(self) -> None:
        self._until = 0.0
        found = self._objects.read(self._name)
        if found is not None and found.content.startswith(self._owner.encode()):
            self._objects.replace(self._name, b"", found)

    def _is_anothers(self, content: bytes) -> bool:
        owner, _, until = content.decode(errors="replace").partition(" ")
        try:
            return owner != self._owner and float(until) > time.time()
        except ValueError:
            return False
