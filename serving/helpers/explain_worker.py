"""Explains predictions in a process of its own: a question a line in, an answer a line out.

Started by `serving/helpers/explainer.py`; ends when its standard input does.
"""

import contextlib
import functools
import os
import resource
import sys

import msgspec
import numpy as np

from pipeline.data.observation import encode_observation
from pipeline.data.schema import columns_of
from pipeline.explain.shapley import explain
from pipeline.model.scorer import load_scorer
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.prepared import embedding_of, rows_of
from pipeline.registry.registry import ModelRegistry, open_registry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.settings import load_settings
from serving.helpers.explainer import (
    CannotExplain,
    Contribution,
    ExplanationRequest,
    ExplanationResult,
)

NICE = 10
MOST_BYTES = 2 * 1024**3  # of memory; what needs more ends this process, and no other


def main() -> None:
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
    artifacts = open_registry(load_settings().artifacts)
    load = functools.lru_cache(maxsize=1)(functools.partial(VersionExplainer, artifacts))
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):  # serving has ended
        for line in sys.stdin.buffer:
            question = msgspec.json.decode(line, type=ExplanationRequest)
            try:
                answer: ExplanationResult | CannotExplain = load(question.version).answer(question)
            except (UntrustedArtifact, ObjectsUnavailable) as refusal:
                answer = CannotExplain(str(refusal))
            sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
            sys.stdout.buffer.flush()


class VersionExplainer:
    """A version, and the rows that its predictions are compared with."""

    def __init__(self, artifacts: ModelRegistry, version: str) -> None:
        sealed = artifacts.open(version)
        rows = rows_of(sealed)
        if rows is None:
            raise UntrustedArtifact(
                f"Version {version} carries no rows to explain its predictions with."
            )
        self._background = rows.values
        self._embedding, self._scorer = embedding_of(sealed), load_scorer(sealed)

    def answer(self, question: ExplanationRequest) -> ExplanationResult:
        schema = self._embedding.schema
        names = (column.name for column in columns_of(schema))
        values = dict(zip(names, question.observation, strict=True))
        row = np.array(encode_observation(schema, question.observation))
        found = explain(self._embedding, self._scorer, self._background, row, question.label)
        contributions = []
        for place in np.argsort(-np.abs(found.contributions), kind="stable"):
            group, amount = found.groups[place], float(found.contributions[place])
            one = Contribution(group.name, amount)
            alone = schema.features[group.places[0]]
            if len(group.places) == 1 and alone.name == group.name:
                one.value = float(row[group.places[0]]) if alone.text else values[alone.name]
            contributions.append(one)
        return ExplanationResult(found.baseline, found.probability, found.rows, contributions)


if __name__ == "__main__":
    main()
