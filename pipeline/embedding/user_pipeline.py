"""The kind `pipeline`: a fitted scikit-learn transformer of the user's own."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.arrays import Numbers
from pipeline.cells.number_text import LARGEST
from pipeline.data.observation import InvalidObservation, encode_observation, example_of
from pipeline.data.schema import Schema
from pipeline.embedding.embedding import Embedding, Kind, identify, too_far


@dataclass(frozen=True)
class PipelineEmbedding(Embedding):
    """A fitted scikit-learn transformer of the user's own."""

    transformer: Any
    names: tuple[str, ...]
    content: bytes  # the transformer, pickled

    @property
    def kind(self) -> Kind:
        return "pipeline"

    @property
    def columns(self) -> tuple[str, ...]:
        return self.names

    def embed(self, rows: Numbers) -> tuple[Numbers, Numbers]:
        try:
            found = self.transformer.transform(rows)
        except ValueError as error:
            reason = str(error).partition("\n")[0][:200]
            raise InvalidObservation(
                "features", f"are refused by the pipeline: {reason}"
            ) from error
        dense = found.toarray() if hasattr(found, "toarray") else found
        vectors = np.ascontiguousarray(dense, dtype=np.float64)
        if not (np.abs(vectors) <= LARGEST).all():  # also refuses NaN
            raise too_far()
        return vectors, np.zeros(len(rows))

    def to_bytes(self) -> bytes:
        return self.content


def make_pipeline_embedding(schema: Schema, transformer: Any, content: bytes) -> PipelineEmbedding:
    """Tries the transformer on the schema's example, which also tells how wide its vectors are."""
    example = encode_observation(schema, example_of(schema))
    found = transformer.transform(np.array([example]))
    try:
        given = transformer.get_feature_names_out([feature.name for feature in schema.features])
    except (AttributeError, ValueError):
        given = [f"feature_{place}" for place in range(1, found.shape[1] + 1)]
    names = tuple(str(name) for name in given)
    embedding_id = identify(schema, np.frombuffer(content, dtype=np.uint8))
    return PipelineEmbedding(schema, embedding_id, transformer, names, content)
