"""The live model: loaded aside, tried, then swapped in by one assignment."""

import asyncio
import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from pipeline.data.observation import encode_observation, example_of
from pipeline.data.schema import Schema
from pipeline.embedding.embedding import Embedding
from pipeline.extractors import network
from pipeline.extractors.network import Network, load_network
from pipeline.model.scorer import Scorer, load_scorer
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.prepared import embedding_of
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import SignedFolder, UntrustedArtifact
from serving.scoring.input_warnings import LearnedRange, learned_range
from serving.scoring.json_decoder import FeatureDecoder
from serving.scoring.unusual_pictures import UsualPictures, usual_pictures

log = logging.getLogger(__name__)
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class LiveModel:
    """All that a prediction needs, of one version."""

    version: str
    manifest: dict[str, Any]
    embedding: Embedding
    scorer: Scorer
    decoder: FeatureDecoder
    learned: LearnedRange | None
    pictures: UsualPictures | None
    network: Network | None  # that makes the features of a file

    @property
    def schema(self) -> Schema:
        return self.embedding.schema

    @property
    def created_at(self) -> float:
        return datetime.fromisoformat(self.manifest["created_at"]).timestamp()


def load_model(sealed: SignedFolder) -> LiveModel:
    """Load a verified version and let it predict once; UntrustedArtifact when that fails."""
    embedding, scorer = embedding_of(sealed), load_scorer(sealed)
    schema = embedding.schema
    row = encode_observation(schema, example_of(schema))
    vectors, _ = embedding.embed(np.array([row]))
    _, probabilities = scorer.score(vectors)
    if not np.isclose(probabilities.sum(), 1.0, atol=1e-4):
        raise UntrustedArtifact(f"{sealed.folder}: its probabilities do not add up to 1.")
    return LiveModel(
        sealed.manifest["version"],
        sealed.manifest,
        embedding,
        scorer,
        FeatureDecoder(schema),
        learned_range(schema),
        usual_pictures(sealed, embedding),
        _network(sealed, schema),
    )


def _network(sealed: SignedFolder, schema: Schema) -> Network | None:
    """None where features are made without one, or of texts, which `embedding_of` takes care of."""
    if schema.extraction is None or network.FILE not in sealed:
        return None
    try:
        return load_network(sealed.read(network.FILE))
    except ValueError as error:
        raise UntrustedArtifact(f"{sealed.folder}: {network.FILE} {error}.") from None


class LiveModelWatcher:
    """Holds the live model and follows CURRENT."""

    def __init__(self, artifacts: ModelRegistry) -> None:
        self.artifacts = artifacts
        self.model: LiveModel | None = None
        self._seen: list[str] | None = None
        self._told = ""
        self._looking = threading.Lock()  # else a slow load could overwrite a later, faster one

    def reload_if_changed(self) -> bool:
        """Load what CURRENT names if it changed; a version that is refused changes nothing."""
        with self._looking:
            return self._reload_if_changed()

    def _reload_if_changed(self) -> bool:
        new = False
        try:
            live_history = self.artifacts.live_history()
            if live_history == self._seen:
                return False
            sealed = self.artifacts.current()
            number = sealed.manifest["version"]
            behind = number != live_history[0] and not self.artifacts.is_refused(live_history[0])
            new = self.model is None or (self.model.version != number and not behind)
            if new:
                self.model = load_model(sealed)
                log.info("Version %s is live", self.model.version)
            if behind:  # the bucket that has the live one is away; it is tried again
                return new
        except UntrustedArtifact as refusal:
            new = False
            log.error("No other version goes live: %s", refusal)
        except ObjectsUnavailable as error:
            self._tell_once(str(error))
            return False
        self._seen = (
            live_history  # what is refused gets no better; any other failure is tried again
        )
        return new

    def _tell_once(self, reason: str) -> None:
        """It is tried again twice a second."""
        if reason != self._told:
            log.warning("No other version goes live yet: %s", reason)
        self._told = reason

    async def watch(self) -> None:
        """Look at CURRENT for as long as the service runs."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await asyncio.to_thread(self.reload_if_changed)
            except Exception:
                log.exception("CURRENT could not be read; the live version stays")
