"""A table whose texts a network of the user's own reads: prepared, served, watched."""

import csv

import numpy as np
import pytest

from pipeline.data.observed import Observed
from pipeline.data.schema import columns_of
from pipeline.datasets.made_texts import HEADER, make_reviews
from pipeline.registry.prepared import embedding_of
from pipeline.registry.signed_folder import UntrustedArtifact
from scripts.cli.command import CommandError
from scripts.simulation.row_source import make_world
from tests.support.made_data.networks import save_sound_network, save_text_network
from tests.support.models_and_records.installations import make_installation
from tests.support.processes.servers import serving

pytestmark = pytest.mark.slow
REVIEWS = [dict(zip(HEADER, row, strict=True)) for row in make_reviews(400)]


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    with (folder / "reviews.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(REVIEWS)
    network = save_text_network(folder / "words.onnx", [row["review"] for row in REVIEWS])
    return make_installation(
        folder,
        str(folder / "reviews.csv"),
        DATASET__TARGET="sentiment",
        DATASET__EXTRACTOR=str(network),
        EMBEDDING__METHOD="features",
    )


@pytest.fixture(scope="module")
def server(installation):
    with serving(installation) as running:
        yield running


def observe(row):
    return {name: value for name, value in row.items() if name != "sentiment"}


def test_the_numbers_of_the_network_are_the_features_of_the_column(installation):
    schema = embedding_of(installation.artifacts().current()).schema
    read = [feature.name for feature in schema.features if feature.text]
    assert read == [f"review: network_{place}" for place in range(8)]
    assert [column.name for column in columns_of(schema)] == ["review", "product", "price"]


def test_texts_are_answered_one_by_one_and_many_at_once_alike(server):
    rows = [observe(row) for row in REVIEWS[:30]]
    one_by_one = [server.predict(row)["probabilities"] for row in rows]
    answer = server.client.post("/predict/batch", json={"rows": rows}).json()["predictions"]
    assert one_by_one == [one["probabilities"] for one in answer]
    right = [
        max(shares, key=shares.get) == row["sentiment"]
        for shares, row in zip(one_by_one, REVIEWS, strict=False)
    ]
    assert np.mean(right) > 0.6


def test_what_is_on_record_is_the_text(server):
    number = server.predict(observe(REVIEWS[0]))["prediction_id"]
    headers = {"Authorization": f"Bearer {server.installation.key('feedback')}"}
    record = server.client.get(f"/predictions/{number}", headers=headers).json()
    assert record["features"]["review"] == REVIEWS[0]["review"]


def test_drift_is_looked_for_in_its_numbers(installation):
    watched = Observed(embedding_of(installation.artifacts().current()).schema)
    found = watched.read('["great", "lamp", 25.0]')
    assert np.isfinite(found).sum() == len(watched.features)


def test_the_simulator_has_no_texts_to_send(installation):
    with pytest.raises(CommandError, match="keeps none to send"):
        make_world(installation.settings(), 0)


def test_another_network_than_the_one_that_was_sealed_is_refused(installation):
    version = installation.artifacts().current()
    (version.folder / "extractor.onnx").write_bytes(b"another")
    with pytest.raises(UntrustedArtifact):
        installation.artifacts().current()


def test_a_network_that_takes_no_text_is_refused(installation, tmp_path):
    from pipeline.datasets.load import load_dataset
    from pipeline.tables.table import InvalidDataset

    wrong = save_sound_network(tmp_path / "n.onnx")
    settings = installation.with_knobs(DATASET__EXTRACTOR=str(wrong)).settings()
    with pytest.raises(InvalidDataset, match="the network takes no text"):
        load_dataset(settings)
