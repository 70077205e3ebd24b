"""A plain client that keeps its connection: quick enough to send thousands of requests."""

import contextlib
import http.client
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any, Self

from tests.support.processes.servers import Server


class Client:
    def __init__(self, server: Server, **headers: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._headers = headers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def send(
        self, method: str, path: str, content: bytes, kind: str = "application/json"
    ) -> tuple[int, bytes]:
        """Status and body; an error of the connection closes it, so that the next one is new."""
        try:
            headers = {**self._headers, "content-type": kind}
            self._connection.request(method, path, content, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        status, content = self.send("POST", path, json.dumps(body).encode())
        return status, json.loads(content)


@contextlib.contextmanager
def working(works: list[Callable[[threading.Event], None]]) -> Iterator[threading.Event]:
    """Run each in a thread; leaving sets the event that ends them, and waits until they have."""
    ended = threading.Event()
    failures: list[BaseException] = []

    def run(work: Callable[[threading.Event], None]) -> None:
        try:
            work(ended)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield ended
    finally:
        ended.set()
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
