"""A request begins when its body is here; until then it costs nobody else anything."""

import asyncio
import json
import os
import signal
import socket
import time

import pytest

from serving.fast_path.held_body import BodyDeadlines
from tests.serving.ways import PAUSE_SECONDS, good, request
from tests.support.processes.servers import serving, wait_for


def batch(both):
    return json.dumps({"rows": [good(both)]}).encode()


def test_a_body_in_parts_begins_once_and_is_answered(both):
    sent, before = request(batch(both), path="/predict/batch"), both.behind.calls
    answers = both.exchange(both.quick, sent[:-40], sent[-40:-1], sent[-1:])
    assert [answer.status for answer in answers] == [200]
    assert both.behind.calls == before + 1


async def hang_up_after(port, sent):
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    await asyncio.sleep(PAUSE_SECONDS)
    writer.close()
    await writer.wait_closed()


def test_a_request_whose_body_never_comes_does_not_begin(both):
    sent, before = request(batch(both), path="/predict/batch"), both.behind.calls
    both.loop.run_until_complete(hang_up_after(both.quick, sent[:-1]))
    assert both.predict()
    assert both.behind.calls == before


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/nowhere"])
def test_a_body_that_never_ends_is_cut_off(both, monkeypatch, path):
    monkeypatch.setattr(both.app, "body_deadlines", BodyDeadlines(0.05))
    (answer,) = both.exchange(both.quick, request(b"{}", path=path)[:-1])
    assert answer.status == (404 if path == "/nowhere" else 408)


@pytest.mark.parametrize("path", ["http://x:y/", "http://x"])
def test_an_address_that_is_none_is_refused_beside_a_slow_body_too(both, monkeypatch, path):
    monkeypatch.setattr(both.app, "body_deadlines", BodyDeadlines(0.05))
    (answer,) = both.exchange(both.quick, request(b"{}", path=path)[:-1])
    assert answer.status == 400


def test_deadlines_of_many_bodies_are_not_at_once():
    deadlines = BodyDeadlines(10.0)
    ends = [deadlines.next(now) for now in (0.0, 0.0, 0.0, 5.0)]
    assert ends == pytest.approx([10.0, 10.001, 10.002, 15.0])


@pytest.mark.slow
def test_a_body_that_is_on_its_way_when_serving_stops_is_answered(digits, tmp_path):
    content = json.dumps({"features": [0.0] * 64}).encode()
    sent = request(content)
    with serving(digits.copy(tmp_path)) as server:
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address, timeout=20) as connection:
            connection.sendall(sent[:-1])
            time.sleep(0.2)
            os.kill(server.pid, signal.SIGTERM)
            wait_for(lambda: "Shutting down" in str(server.logged()))
            time.sleep(0.2)
            connection.sendall(sent[-1:])
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
