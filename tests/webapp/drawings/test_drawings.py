"""What people draw is recognised: in the field of the page, and in pictures that they upload."""

import base64
import io

import numpy as np
import pytest
import requests
from PIL import Image, ImageDraw, ImageOps

from tests.support.models_and_records.installations import make_installation
from tests.webapp.conftest import run_stack
from tests.webapp.drawings.strokes import draw
from webapp.drawings.look import Look, measure_look
from webapp.drawings.picture import fit_drawing
from webapp.drawings.strokes import render

DRAWN, LEAST_RIGHT = 50, 40


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A forest as large as the one that a newcomer gets; the tests' own has ten trees."""
    forest = {"TRAINING__PARAMETERS": '{"n_estimators": 300, "min_samples_leaf": 3}'}
    folder = tmp_path_factory.mktemp("drawn")
    yield from run_stack(make_installation(folder, "digits", **forest))


def look_of(stack):
    return measure_look(sorted((stack.folder / "data/samples").glob("*.png")))


def count_right(stack, make):
    random, right = np.random.default_rng(0), 0
    for place in range(DRAWN):
        digit = str(place % 10)
        picture = base64.b64encode(make(draw(digit, random))).decode()
        answer = requests.post(f"{stack.serving}/predict", json={"image": picture}, timeout=10)
        right += answer.json()["prediction"] == digit
    return right


@pytest.mark.slow
def test_a_drawn_digit_is_recognised(real):
    """Of any size and place in the field, by pens of another hand each."""
    look = look_of(real)
    assert count_right(real, lambda strokes: render(strokes, (8, 8), look)) >= LEAST_RIGHT


def paint(strokes, pen=14, ground="white", ink="black"):
    """As other programs keep it: 280 pixels wide, most of them empty."""
    picture = Image.new("RGB", (280, 280), ground)
    for stroke in strokes:
        points = [tuple(point[:2]) for point in stroke]
        ImageDraw.Draw(picture).line(points, fill=ink, width=pen, joint="curve")
    return keep(picture)


def keep(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize("look", [{}, {"pen": 6}, {"pen": 30}, {"ground": "#123", "ink": "#fe8"}])
def test_a_digit_drawn_elsewhere_is_recognised_when_it_is_uploaded(real, look):
    """Of 50 five were: small, thin and aside, they look like nothing that was learned."""
    known = look_of(real)
    right = count_right(real, lambda strokes: fit_drawing(paint(strokes, **look), (8, 8), known))
    assert right >= LEAST_RIGHT - 5


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


DRAWN_LOOK = Look(height=1.0, one_height=True)
BAR = [[[140, 60], [140, 220]]]


def noise(picture):
    random = np.random.default_rng(0)
    return Image.fromarray(random.integers(0, 256, (*picture.size, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    "content",
    [
        keep(Image.new("RGB", (280, 280), "white")),
        keep(noise(Image.new("L", (64, 64)))),
        keep(Image.linear_gradient("L")),
        keep(Image.new("L", (8, 8), 255)),
        b"\x89PNG no more",
        b"",
    ],
)
def test_what_is_no_drawing_stays_as_it_is(content):
    assert fit_drawing(content, (8, 8), DRAWN_LOOK) is None


def test_a_file_that_takes_long_is_left_to_serving():
    """It decodes pictures apart, where time and memory are limited."""
    bar = Image.new("L", (280, 280), "white")
    bar.paste(0, (130, 60, 150, 220))
    buffer = io.BytesIO()
    bar.save(buffer, "JPEG", progressive=True)
    content = buffer.getvalue()
    assert fit_drawing(content, (8, 8), DRAWN_LOOK) is not None
    assert fit_drawing(content + b"\xff\xda" * 101, (8, 8), DRAWN_LOOK) is None
    large = keep(Image.new("1", (10_000, 5_001)))
    assert fit_drawing(large, (8, 8), DRAWN_LOOK) is None


def test_a_drawing_fills_the_picture_where_all_that_was_learned_does():
    fitted = fit_drawing(paint(BAR), (8, 8), DRAWN_LOOK)
    assert pixels(fitted).shape == (8, 8)
    assert pixels(fitted)[[0, -1]].max(axis=1).min() > 100
    assert fit_drawing(paint(BAR), (8, 8), Look(height=1.0)) is None  # things of many heights


def test_a_drawing_on_nothing_is_one_on_white():
    black = Image.open(io.BytesIO(paint(BAR))).convert("L")
    clear = Image.new("RGBA", black.size)
    clear.putalpha(ImageOps.invert(black))
    fitted = fit_drawing(keep(clear), (8, 8), DRAWN_LOOK)
    assert fitted == fit_drawing(paint(BAR), (8, 8), DRAWN_LOOK)
