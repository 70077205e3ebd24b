"""Drawn digits are recognised, and other ways to ask are understood."""

import base64
import io

import numpy as np
import pytest
import requests
from PIL import Image

from tests.support.installations import make_installation
from tests.webapp.conftest import run_stack
from tests.webapp.predict_page.strokes import draw
from webapp.client.observations import CsvFile, Row, Unreadable
from webapp.client.schema import Feature, Schema
from webapp.predict_page.drawing import Look, measure_look, render
from webapp.predict_page.uploads import read_json_row
from webapp.predict_page.ways_in import read_pasted

DRAWN, LEAST_RIGHT = 50, 40


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A forest as large as the one that a newcomer gets; the tests' own has ten trees."""
    forest = {"TRAINING__PARAMETERS": '{"n_estimators": 300, "min_samples_leaf": 3}'}
    folder = tmp_path_factory.mktemp("drawn")
    yield from run_stack(make_installation(folder, "digits", **forest))


@pytest.mark.slow
def test_a_drawn_digit_is_recognised(real):
    """Of any size and place in the field, by pens of another hand each."""
    look = measure_look(sorted((real.folder / "data/samples").glob("*.png")))
    random, right = np.random.default_rng(0), 0
    for place in range(DRAWN):
        digit = str(place % 10)
        picture = base64.b64encode(render(draw(digit, random), (8, 8), look)).decode()
        answer = requests.post(f"{real.serving}/predict", json={"image": picture}, timeout=10)
        right += answer.json()["prediction"] == digit
    assert right >= LEAST_RIGHT


def pixels(content):
    return np.asarray(Image.open(io.BytesIO(content)), dtype=float)


def test_size_and_place_in_the_field_do_not_matter():
    small = [[[20, 20], [20, 60]], [[20, 40], [50, 40]]]
    large = [[[4 * x + 30, 4 * y + 10] for x, y in stroke] for stroke in small]
    both = [pixels(render(strokes, (16, 16), Look())) for strokes in (small, large)]
    assert np.abs(both[0] - both[1]).mean() < 3


def test_light_and_dark_are_as_in_the_samples():
    stroke = [[[0, 0], [0, 100]]]
    assert pixels(render(stroke, (8, 8), Look(light_on_dark=True)))[4, 0] == 0
    assert pixels(render(stroke, (8, 8), Look(light_on_dark=False)))[4, 0] == 255


@pytest.mark.parametrize("strokes", [[[[5, 5]]], [[[0, 0], [280, 0]]], [[], [[1, 1], [2, 2]]]])
def test_a_dot_and_a_line_are_drawings(strokes):
    assert pixels(render(strokes, (8, 8), Look())).shape == (8, 8)


TABLE = Schema(
    "tabular",
    "plan",
    ("a", "b"),
    tuple(Feature(name, "number", 0.0, 9.0, (), 1.0) for name in ("age", "fare")),
    "e",
)


@pytest.mark.parametrize("text", ["3\t7,5", "3;7,5", " 3 ; 7,5 \n"])
def test_a_pasted_row_is_read(text):
    assert read_pasted(TABLE, text) == Row(["3", "7,5"])


def test_pasted_rows_with_their_header_are_a_file():
    assert read_pasted(TABLE, "age\tfare\n1\t2\n") == CsvFile("pasted.csv", b"age\tfare\n1\t2")


@pytest.mark.parametrize("text", ["", " \n ", "1\t2\t3", "hello"])
def test_what_cannot_be_pasted_is_told(text):
    with pytest.raises(Unreadable):
        read_pasted(TABLE, text)


def test_an_address_holds_a_row():
    assert read_json_row('{"age": 3, "fare": 7.5}') == Row({"age": 3, "fare": 7.5})
    for text in ("{", "[[1, 2]]", '"text"'):
        with pytest.raises(Unreadable):
            read_json_row(text)
