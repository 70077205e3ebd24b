"""The path that serves: right answers, and nothing imported that it does not need."""

import json
import subprocess
import sys

import numpy as np
import pytest

from pipeline.model.scorer import SklearnScorer, load_scorer
from pipeline.registry.registry import open_registry
from tests.support.models_and_records.versions import make_version

SCORE = """
import json, sys
import numpy as np
from pipeline.registry.registry import open_registry
from pipeline.data.observation import encode_observation
from pipeline.registry.prepared import embedding_of
from pipeline.model.scorer import load_scorer
from pipeline.settings import load_settings

version = open_registry(load_settings().artifacts).current()
embedding, scorer = embedding_of(version), load_scorer(version)
row = encode_observation(embedding.schema, [f.example for f in embedding.schema.features])
vectors, residuals = embedding.embed(np.array([row]))
places, probabilities = scorer.score(vectors)
loaded = sorted({name.split(".")[0] for name in sys.modules})
print(json.dumps([scorer.labels[places[0]], probabilities[0].sum(), loaded]))
"""


def test_to_score_takes_neither_scikit_learn_nor_pandas(settings):
    make_version(settings(dataset__source="iris"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCORE], capture_output=True, text=True, check=True
    )
    label, total, loaded = json.loads(done.stdout)
    assert (label, total) == ("versicolor", pytest.approx(1))
    assert not {"sklearn", "pandas", "scipy", "joblib", "skl2onnx", "onnx"} & set(loaded)


@pytest.mark.parametrize(
    "classifier", ["RandomForestClassifier", "GradientBoostingClassifier", "KNeighborsClassifier"]
)
def test_one_row_is_scored_as_it_is_among_many(settings, classifier):
    parameters = "{}" if classifier == "KNeighborsClassifier" else '{"n_estimators": 5}'
    wanted = settings(
        dataset__source="iris", training__classifier=classifier, training__parameters=parameters
    )
    make_version(wanted)
    scorer = load_scorer(open_registry(wanted.artifacts).current())
    vectors = np.random.default_rng(0).normal(size=(50, 2))
    places, probabilities = scorer.score(vectors)
    alone = [scorer.score(vector[None]) for vector in vectors]
    assert places.tolist() == [int(place[0]) for place, _ in alone]
    assert np.abs(probabilities - np.concatenate([row for _, row in alone])).max() < 1e-6


def test_a_classifier_that_does_not_compile_is_served_by_scikit_learn(settings):
    wanted = settings(
        dataset__source="iris",
        training__classifier="DummyClassifier",
        training__parameters="{}",
    )
    make_version(wanted)
    scorer = load_scorer(open_registry(wanted.artifacts).current())
    assert isinstance(scorer, SklearnScorer)
    places, probabilities = scorer.score(np.zeros((3, 2)))
    assert (places.tolist(), probabilities.shape) == ([0, 0, 0], (3, 3))
