"""`python -m benchmarks.resources.slow_bodies`: a prediction's wait beside bodies that crawl."""

import argparse
import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from benchmarks.markdown import describe_machine
from benchmarks.serving.processes import resident_megabytes
from benchmarks.serving.sender import Sent, post, send
from benchmarks.sites import Site, describe_company

HEAD = (
    b"POST /predict/batch HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    b"content-length: 5000000\r\n\r\n"
)
RATE, SECONDS = 100.0, 12.0  # serving gives a body ten: their end is among them


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resources.slow_bodies", description=__doc__
    )
    parser.add_argument("--bodies", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        site = Site(Path(name))
        with site.serving() as server:
            request = post("/predict", json.dumps({"features": site.example()}).encode())
            send(site.port, request, 2.0, rate=RATE)
            idle = send(site.port, request, SECONDS, rate=RATE)
            before = resident_megabytes(server.pid)
            with trickling(site.port, options.bodies):
                beside = send(site.port, request, SECONDS, rate=RATE)
                more = resident_megabytes(server.pid) - before
    print(f"/predict at {RATE:.0f} requests a second: {describe(idle)}.")
    print(f"Beside {options.bodies} slow bodies: {describe(beside)}; {more:.0f} MB more.")
    print(f"{describe_machine()}, {describe_company()}.")


@contextmanager
def trickling(port: int, bodies: int) -> Iterator[None]:
    """Each has sent 20 kB, and goes on with a byte four times a second."""
    ended = threading.Event()
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            for _ in range(bodies)
        ]
        for connection in slow:
            connection.sendall(HEAD + b"[" * 20_000)

        def trickle() -> None:
            while not ended.wait(0.25):
                for connection in slow:
                    with suppress(ConnectionError):  # it was answered
                        connection.send(b"[")

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def describe(sent: Sent) -> str:
    p50, p99, most = (sent.percentile(share) for share in (50, 99, 100))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, at most {most:.1f} ms, {sent.failed} failed"


if __name__ == "__main__":
    main()
