"""The files to upload are observations of the holdout that decode to its very rows."""

import csv
import json

import numpy as np
import pytest

from pipeline.data.observation import encode_observation, parse_cell
from pipeline.data.schema import ImageShape, Schema, pixel_features
from pipeline.datasets.dataset import Dataset
from pipeline.datasets.load import load_dataset
from pipeline.extractors.pictures import decode_image
from scripts.preparation.samples import write_samples


def test_two_pictures_of_each_label_are_its_observations(settings, workplace):
    dataset = load_dataset(settings())
    holdout = np.arange(300)
    write_samples(workplace / "samples", dataset, holdout)
    names = sorted(path.name for path in (workplace / "samples").iterdir())
    assert names == [f"digit_{label}_{n}.png" for label in range(10) for n in (1, 2)]
    pixels = decode_image(dataset.schema.image, (workplace / "samples" / names[0]).read_bytes())
    first = next(place for place in holdout if dataset.targets[place] == "0")
    assert pixels == pytest.approx(dataset.rows[first], abs=0.05)


def test_a_table_comes_with_an_observation_and_the_answers(settings, shop, workplace):
    dataset = load_dataset(settings(dataset__source="shop.csv"))
    write_samples(workplace / "samples", dataset, np.arange(5, 40))
    with (workplace / "samples" / "observations.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cells = [{f.name: parse_cell(f, row[f.name]) for f in dataset.schema.features} for row in rows]
    decoded = np.array([encode_observation(dataset.schema, row) for row in cells])
    assert np.array_equal(decoded, dataset.rows[5:25], equal_nan=True)
    body = json.loads((workplace / "samples" / "observation.json").read_text(encoding="utf-8"))
    assert encode_observation(dataset.schema, body["features"]) == pytest.approx(
        dataset.rows[5].tolist(), nan_ok=True
    )
    answers = (workplace / "samples" / "answers.csv").read_text().splitlines()
    assert answers[:3] == ["target", *dataset.targets[5:7]]


@pytest.mark.parametrize(
    "labels", [("../x", "a/../../y"), ("a b", "a_b"), ("é" * 200, "é" * 199), ("..", ".")]
)
def test_any_label_gives_a_file_of_its_own_in_the_folder(tmp_path, labels):
    shape = ImageShape(4, 4)
    schema = Schema("image", "label", labels, pixel_features(shape, [0.0] * 16), shape)
    dataset = Dataset(schema, np.zeros((4, 16)), np.array([*labels, *labels]))
    write_samples(tmp_path / "in" / "samples", dataset, np.arange(4))
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.parent for path in written} == {tmp_path / "in" / "samples"}
    assert len(written) == 4
    assert all(decode_image(shape, path.read_bytes()).shape == (16,) for path in written)
