"""Sends the same request over many connections, as fast as it goes or at a rate; needs no wrk."""

import asyncio
import time
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Sent:
    """Milliseconds of each request, how many were not answered 2xx, and how long it all took."""

    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.milliseconds) / self.seconds

    def percentile(self, share: float) -> float:
        return float(np.percentile(self.milliseconds, share))


def post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


def send(port: int, request: bytes, seconds: float, connections: int = 16, rate: float = 0) -> Sent:
    """A rate of 0 is as fast as answers come."""
    return asyncio.run(_send(port, request, seconds, connections, rate))


async def _send(port: int, request: bytes, seconds: float, connections: int, rate: float) -> Sent:
    sent, started = Sent(), time.perf_counter()
    pause = connections / rate if rate else 0.0
    works = [
        _work(port, request, started + seconds, sent, pause, pause * n / connections)
        for n in range(connections)
    ]
    await asyncio.gather(*works)
    sent.seconds = time.perf_counter() - started
    return sent


async def _work(
    port: int, request: bytes, until: float, sent: Sent, pause: float, offset: float
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    due = time.perf_counter() + offset
    while (now := time.perf_counter()) < until:
        if pause:
            await asyncio.sleep(max(0.0, due - now))
            due += pause
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
        await reader.readexactly(length)
        sent.milliseconds.append((time.perf_counter() - began) * 1e3)
        sent.failed += head[9:10] != b"2"
    writer.close()
