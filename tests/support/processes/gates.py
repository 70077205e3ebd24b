"""A door in front of a server, which a test shuts: connections break, and new ones are refused."""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from unittest import mock

from tests.support.processes.buckets import Bucket
from tests.support.processes.servers import free_port


class Gate:
    def __init__(self, port: int) -> None:
        self.port = free_port()
        self._behind = port
        self._listener: socket.socket | None = None
        self._passing: set[socket.socket] = set()

    def open(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._let_in, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError):  # it wakes who waits in accept
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for one in list(self._passing):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _let_in(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self._behind))
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        self._passing.add(source)
        with contextlib.suppress(OSError):
            while content := source.recv(65_536):
                target.sendall(content)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)
        self._passing.discard(source)
        source.close()


@contextlib.contextmanager
def gated(bucket: Bucket) -> Iterator[Gate]:
    """The bucket is asked through the gate by what starts meanwhile."""
    gate = Gate(bucket.port)
    gate.open()
    address = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{gate.port}"}
    try:
        with mock.patch.dict(os.environ, address):
            yield gate
    finally:
        gate.shut()
