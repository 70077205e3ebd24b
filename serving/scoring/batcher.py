"""Scores what arrives in one tick of the event loop together, and answers once it is on record."""

import asyncio
import logging
import time
from collections import Counter as Tally
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import repeat

import msgspec
import numpy as np

from pipeline.arrays import Numbers
from pipeline.cells.number_text import LARGEST
from pipeline.data.observation import InvalidObservation
from pipeline.store.encoding import pack, rows_to_bytes
from pipeline.store.records import InlineObservation, PredictionRow, new_ids
from serving.recording.pending import PendingPredictions, ResultReceiver
from serving.recording.writer import StoreWriter
from serving.scoring.live_model import LiveModel
from serving.telemetry.metrics import Metrics

log = logging.getLogger(__name__)
encode_json = msgspec.json.encode
CHUNK = 500  # rows scored in one go; more would keep the event loop from others


class SpoolFull(Exception):
    """The store is away for so long that no further prediction can be kept."""


class ScoringFailed(Exception):
    """The model met an error of its own; the log says which."""


class PredictionAnswer(msgspec.Struct, omit_defaults=True):
    """What a client gets for an observation; warnings only where there are some."""

    prediction_id: str
    prediction: str
    probabilities: dict[str, float]
    model_version: str
    warnings: list[str] = []


class ScoringBatcher:
    """One for each worker. All of it runs in the event loop."""

    def __init__(self, writer: StoreWriter, metrics: Metrics) -> None:
        self._writer = writer
        self._metrics = metrics
        self._model: LiveModel | None = None
        self._waiting: list[tuple[list[float], bytes, ResultReceiver[bytes]]] = []

    def submit(
        self, model: LiveModel, row: list[float], observation: bytes, waiter: ResultReceiver[bytes]
    ) -> None:
        """Score a row with all others of this tick; who waits gets the answer as JSON."""
        if self._writer.spool_full:
            raise SpoolFull
        if self._model is not model:
            self._flush()
            self._model = model
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append((row, observation, waiter))

    async def predict(self, model: LiveModel, row: list[float], observation: bytes) -> bytes:
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.submit(model, row, observation, answer)
        return await answer

    async def predict_many(
        self, model: LiveModel, rows: list[list[float]], observations: list[bytes]
    ) -> list[bytes]:
        """Score many rows of one request, a part at a time; all on record when it returns."""
        answers: list[bytes] = []
        for start in range(0, len(rows), CHUNK):
            if self._writer.spool_full:
                raise SpoolFull
            part = slice(start, start + CHUNK)
            written, records = self._score(model, _check(rows[part]), observations[part])
            recorded: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            self._writer.enqueue(
                PendingPredictions(records, partial(_resolve, (recorded,), (b"",)))
            )
            await asyncio.shield(recorded)
            answers += written
        return answers

    def _flush(self) -> None:
        """Score what waits. A row that cannot be embedded spoils no other."""
        waiting, self._waiting = self._waiting, []
        if not waiting or self._model is None:
            return
        rows, observations, waiters = zip(*waiting, strict=True)
        try:
            answers, records = self._score(self._model, _check(rows), list(observations))
        except InvalidObservation as error:
            self._flush_apart(error, waiting)
            return
        except Exception:  # nobody may wait for an answer that never comes
            log.exception("Version %s failed to score", self._model.version)
            _fail(waiters, ScoringFailed())
            return
        self._writer.enqueue(PendingPredictions(records, partial(_resolve, waiters, answers)))

    def _flush_apart(
        self,
        error: InvalidObservation,
        waiting: list[tuple[list[float], bytes, ResultReceiver[bytes]]],
    ) -> None:
        if len(waiting) == 1:
            _fail([waiting[0][2]], error)
            return
        for one in waiting:
            self._waiting = [one]
            self._flush()

    def _score(
        self, model: LiveModel, rows: Numbers, observations: list[bytes]
    ) -> tuple[list[bytes], list[PredictionRow]]:
        """The answers as JSON, and the same as rows for the store."""
        vectors, residuals = model.embedding.embed(rows)
        places, probabilities = model.scorer.score(vectors)
        labels, now = model.scorer.labels, time.time()
        ids, said = new_ids(now, len(rows)), [labels[place] for place in places.tolist()]
        odd: Iterable[list[str]] = repeat([])
        if model.learned:
            odd = model.learned.warn(rows, observations)
        elif model.pictures:
            odd = model.pictures.warn(rows, residuals)
        parts = zip(ids, said, probabilities.tolist(), odd, strict=False)  # repeat has no end
        answers = [
            encode_json(
                PredictionAnswer(
                    number, label, dict(zip(labels, shares, strict=True)), model.version, warnings
                )
            )
            for number, label, shares, warnings in parts
        ]
        records = zip(
            ids,
            repeat(now),
            repeat(model.version),
            repeat(model.embedding.embedding_id),
            observations,
            rows_to_bytes(vectors),
            residuals.tolist(),
            said,
            rows_to_bytes(probabilities),
            strict=False,  # what is repeated has no end
        )
        self._count(model.version, labels, places.tolist(), probabilities)
        return answers, list(records)

    def _count(
        self, version: str, labels: tuple[str, ...], places: list[int], probabilities: Numbers
    ) -> None:
        for place, times in Tally(places).items():
            self._metrics.predictions.labels(labels[place], version).inc(times)
        for confidence in probabilities.max(axis=1).tolist():
            self._metrics.confidence.observe(confidence)


def _check(rows: Sequence[list[float]]) -> Numbers:
    """Refuse numbers that a classifier cannot hold; NaN stands for a missing one."""
    numbers = np.array(rows, dtype=np.float64)
    if (np.abs(numbers) > LARGEST).any():
        raise InvalidObservation("features", "hold a number that is too large")
    return numbers


def _resolve(waiters: Sequence[ResultReceiver[bytes]], answers: Sequence[bytes]) -> None:
    for waiter, answer in zip(waiters, answers, strict=True):
        if not waiter.done():
            waiter.set_result(answer)


def _fail(waiters: Sequence[ResultReceiver[bytes]], error: Exception) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(error)


def observe(
    model: LiveModel, row: list[float], observation: bytes, prediction: str
) -> InlineObservation:
    """What is recorded of an observation that comes with its feedback."""
    vectors, residuals = model.embedding.embed(_check([row]))
    name, residual = model.embedding.embedding_id, float(residuals[0])
    return InlineObservation(observation, pack(vectors[0]), residual, name, prediction)
