"""The writer, its watch and the predictor in the moments when something goes wrong."""

import asyncio
import queue
import time
from types import SimpleNamespace

import pytest

from pipeline.store.records import StoreUnavailable
from serving.recording import queries
from serving.recording.pending import PendingPredictions
from serving.recording.queries import THREADS, MayBeRecorded, StoreQueries
from serving.recording.spool import Spool
from serving.recording.store import Store
from serving.recording.writer import StoreWriter
from serving.scoring.batcher import ScoringBatcher, ScoringFailed
from serving.scoring.live_model import load_model
from serving.scoring.observations import read_rows
from serving.telemetry.error_count import ErrorCount
from serving.telemetry.request_id_log import RequestIdLog

ROW = ("0001", 1.0, "0001", "e", b"[1]", b"\x00", 0.5, "7", b"\xff")


class Raced(queue.Queue):
    """Says that something is there until somebody asks: another thread has taken it."""

    def empty(self):
        return False


def test_what_the_watch_took_is_kept_though_the_writer_takes_the_rest(tmp_path):
    """It raised queue.Empty, and whoever had been taken waited for ever."""
    spool, answered = Spool(tmp_path), []
    writer = StoreWriter(spool)
    writer._waiting = Raced()
    writer.enqueue(PendingPredictions([ROW], lambda: answered.append(True)))
    writer._loop = SimpleNamespace(
        is_closed=lambda: False, call_soon_threadsafe=lambda call, *given: call(*given)
    )
    writer._release_waiting(1.0)
    assert (spool.rows, answered) == (1, [True])
    spool.close()


class Broken:
    """A model that fails to score."""

    version, embedding = "0001", SimpleNamespace(embed=lambda rows: 1 / 0)


def test_one_who_has_gone_keeps_the_others_from_no_answer():
    async def ask():
        predictor = ScoringBatcher(SimpleNamespace(spool_full=False), None)
        gone, there = (asyncio.get_running_loop().create_future() for _ in range(2))
        for waiter in (gone, there):
            predictor.submit(Broken, [1.0], b"[1]", waiter)
        gone.cancel()
        return await asyncio.wait_for(there, 2)

    with pytest.raises(ScoringFailed):
        asyncio.run(ask())


@pytest.fixture
def slow_store(monkeypatch, settings):
    monkeypatch.setattr(queries, "TIMEOUT_SECONDS", 0.05)
    store = Store(settings(), ErrorCount(), RequestIdLog())
    asked = StoreQueries(SimpleNamespace(store=store, store_available=True))
    yield asked
    asked.stop()
    store.close()


def sleep(_connection):
    time.sleep(0.2)


@pytest.mark.parametrize(("way", "error"), [("write", MayBeRecorded), ("read", StoreUnavailable)])
def test_a_write_that_has_begun_is_not_said_to_be_undone(slow_store, way, error):
    with pytest.raises(error):
        asyncio.run(getattr(slow_store, way)(sleep))


def test_one_that_has_not_begun_never_will(slow_store):
    """So nothing was recorded, and to send it again queues no second one."""
    done = []

    async def ask():
        await asyncio.gather(
            *(slow_store.read(sleep) for _ in range(THREADS)),
            slow_store.write(done.append),
            return_exceptions=True,
        )

    asyncio.run(ask())
    time.sleep(0.3)
    assert not done


def test_a_batch_of_many_rows_leaves_the_event_loop_to_others(digits):
    """A thousand digits held it for 50 ms."""
    model = load_model(digits.artifacts().current())
    rows = [[3.0] * 64] * 1000

    async def count():
        reading, ticks = asyncio.create_task(read_rows(model, rows, None)), 0
        while not reading.done():
            await asyncio.sleep(0.001)
            ticks += 1
        return ticks, await reading

    ticks, read = asyncio.run(count())
    assert (ticks > 3, len(read)) == (True, 1000)
