"""Rows that were written under an embedding which another has replaced. Brought along by upkeep.

While `prepare.py --refit` brings the records to a new embedding, a worker predicts with the old one
until it follows, however long that takes, and what waits in a spool is older still. Only who writes
such rows knows when the last of them is in the store.
"""

import threading
from collections.abc import Callable, Iterable

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.embedding.embedding import Embedding
from pipeline.registry.prepared import active_embedding_id
from pipeline.registry.registry import ModelRegistry
from pipeline.store.reembedding import count_stale_rows, reembed_stale_rows

UNKNOWN = ""  # what an earlier run wrote last


class StaleEmbeddings:
    """The writer notes what it wrote; a worker of a new embedding then looks for older rows."""

    def __init__(
        self, engine: Engine, live: Callable[[], Embedding | None], artifacts: ModelRegistry
    ) -> None:
        """`live` tells the embedding of the live model."""
        self._engine = engine
        self._live = live
        self._artifacts = artifacts
        self._lock = threading.Lock()
        self._written = {UNKNOWN}

    def note_written(self, embedding_ids: Iterable[str]) -> None:
        """What is committed is of these embeddings."""
        with self._lock:
            self._written.update(embedding_ids)

    def reembed(self) -> int:
        """Embed anew what came late; returns the rows that are left of another embedding.

        A version of an older embedding that was put live again leaves the records alone.
        """
        embedding = self._live()
        if embedding is None or self._written <= {embedding.embedding_id}:
            return 0
        name = embedding.embedding_id
        if active_embedding_id(self._artifacts) != name:
            return 0
        with self._lock:
            late, self._written = self._written - {name}, {name}
        try:
            if not count_stale_rows(self._engine, name):
                return 0
            return reembed_stale_rows(self._engine, embedding)
        except SQLAlchemyError:  # it comes back; what else goes wrong would go wrong for ever
            self.note_written(late)
            raise
