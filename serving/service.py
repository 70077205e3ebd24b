"""The parts of one worker that routes share, and how they start and stop."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pipeline.hosts import Hosts
from pipeline.registry.registry import open_registry
from pipeline.settings import Settings
from serving.helpers.explainer import ExplainerProcess
from serving.helpers.inspector import TableInspector
from serving.helpers.media import MediaDecoder
from serving.keys import Keys, load_keys
from serving.recording.queries import StoreQueries
from serving.recording.spool import Spool
from serving.recording.writer import StoreWriter
from serving.scoring.batcher import ScoringBatcher
from serving.scoring.live_model import LiveModel, LiveModelWatcher
from serving.scoring.second_opinion import SecondOpinion
from serving.telemetry.metrics import Metrics
from serving.telemetry.request_id_log import RequestIdLog


class NoModel(Exception):
    """No version is live yet."""


@dataclass(frozen=True)
class Service:
    """Made once for each worker, and passed to whatever needs one of its parts."""

    settings: Settings
    keys: Keys
    hosts: Hosts
    live: LiveModelWatcher
    writer: StoreWriter
    metrics: Metrics
    predictor: ScoringBatcher
    explainer: ExplainerProcess
    media: MediaDecoder
    inspector: TableInspector
    queries: StoreQueries
    second_opinion: SecondOpinion
    request_ids: RequestIdLog

    @property
    def model(self) -> LiveModel:
        if self.live.model is None:
            raise NoModel
        return self.live.model

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self.live.reload_if_changed()
        self.writer.start(asyncio.get_running_loop())
        following = asyncio.create_task(self.live.watch())
        try:
            yield
        finally:
            following.cancel()
            await self.explainer.stop()
            await self.media.stop()
            await self.inspector.stop()
            await asyncio.to_thread(self.writer.stop)
            self.queries.stop()
            if self.writer.store is not None:
                await asyncio.to_thread(self.writer.store.close)

    def open_store(self) -> None:
        """In a thread, once the port is open: `serving/recording/store.py` says why."""
        from serving.recording.store import Store

        self.writer.store = Store(self.settings, self.metrics.errors, self.request_ids)


def freeze_loaded_objects() -> None:
    """Exempt all that is loaded now from garbage collection, and collect the rest seldom.

    A connection that survives a collection moves into an older generation, where what its client
    sent, however large, is freed only much later.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


def make_service(settings: Settings) -> Service:
    metrics, store = Metrics(), settings.store
    artifacts = open_registry(settings.artifacts)
    live = LiveModelWatcher(artifacts)
    spool = Spool(store.spool, store.spool_rows, int(store.spool_mb * 1_000_000))
    writer = StoreWriter(spool)
    return Service(
        settings=settings,
        keys=load_keys(settings.serving.keys, settings.serving.require_keys),
        hosts=Hosts(settings.access.hosts),
        live=live,
        writer=writer,
        metrics=metrics,
        predictor=ScoringBatcher(writer, metrics),
        explainer=ExplainerProcess(),
        media=MediaDecoder(settings.media),
        inspector=TableInspector(),
        queries=StoreQueries(writer),
        second_opinion=SecondOpinion(artifacts),
        request_ids=RequestIdLog(),
    )
