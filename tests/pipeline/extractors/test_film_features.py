"""What is told of a film, from one frame on, and where things in it move to."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from pipeline.datasets.made_films import MOVES, make_moves
from pipeline.extractors.film_features import FILM_FEATURES, FRAMES, SIDE, describe_film

TIMES = np.linspace(0.0, 1.0, FRAMES)
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]


def film(across=0.5, down=0.5, size=8.0, colour=(255, 40, 40)):
    """A disc on a dark ground; places are shares of the frame, over time or steady."""
    frames = np.full((FRAMES, SIDE, SIDE, 3), 30, dtype=np.uint8)
    places = (np.broadcast_to(value, FRAMES) for value in (across, down, size))
    for frame, x, y, radius in zip(frames, *places, strict=True):
        frame[np.hypot(COLUMNS - x * SIDE, ROWS - y * SIDE) < radius] = colour
    return frames


def told(frames, seconds=2.0):
    return dict(zip(FILM_FEATURES, describe_film(frames, seconds), strict=True))


def fit_in(frames):
    """Bring frames to SIDE by taking the nearest pixel of FRAMES of them."""
    count, height, width = frames.shape[:3]
    times = np.linspace(0, count - 1, min(count, FRAMES)).round().astype(int)
    rows, columns = (np.arange(SIDE) * size // SIDE for size in (height, width))
    return frames[times][:, rows][:, :, columns]


def test_each_feature_has_a_name_of_its_own():
    assert len(set(FILM_FEATURES)) == len(FILM_FEATURES) == 66
    wanted = {"motion_left_mean", "motion_top_std", "brightness_std", "hue_red", "seconds"}
    assert wanted <= set(FILM_FEATURES)


@pytest.mark.parametrize("count", [1, 2, 3, FRAMES])
@pytest.mark.parametrize("seconds", [0.0, 3.0, 7200.0])
@pytest.mark.parametrize("light", [0, 255, None])
def test_every_number_is_finite(count, seconds, light):
    noise = np.random.default_rng(0).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)
    row = describe_film(noise if light is None else np.full_like(noise, light), seconds)
    assert row.shape == (len(FILM_FEATURES),)
    assert np.isfinite(row).all()


CIRCLE = 2 * np.pi * TIMES
WAYS = {
    "left": film(across=0.8 - 0.6 * TIMES),
    "right": film(across=0.2 + 0.6 * TIMES),
    "up": film(down=0.8 - 0.6 * TIMES),
    "down": film(down=0.2 + 0.6 * TIMES),
    "growing": film(size=5 + 15 * TIMES),
    "shrinking": film(size=20 - 15 * TIMES),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_flow_to_where_it_moves_is_the_strongest(way):
    row = told(WAYS[way])
    assert max(WAYS, key=lambda name: row[f"flow_{name}"]) == way


def test_left_and_right_differ_in_their_path():
    assert told(WAYS["right"])["path_right"] > 0.3 > -0.3 > told(WAYS["left"])["path_right"]


def test_a_straight_path_turns_nowhere_wherever_it_lies():
    for down in (0.2, 0.8):
        assert abs(told(film(across=0.2 + 0.6 * TIMES, down=down))["path_clockwise"]) < 0.02


def test_a_circle_has_a_sense():
    circle = film(0.5 + 0.3 * np.cos(CIRCLE), 0.5 + 0.3 * np.sin(CIRCLE))
    assert told(circle)["path_clockwise"] > 0.1 > -0.1 > told(circle[::-1])["path_clockwise"]


def test_a_shape_as_light_as_its_ground_is_followed_by_its_colour():
    frames = film(across=0.2 + 0.6 * TIMES, colour=(0, 50, 9))
    assert told(frames)["path_right"] > 0.3


def test_motion_is_told_where_it_is():
    row = told(film(across=0.15 + 0.1 * TIMES))
    assert row["motion_left_mean"] > 5 * row["motion_right_mean"]


def test_a_ground_that_gets_lighter_does_not_move():
    lighter = np.full((FRAMES, SIDE, SIDE, 3), 40.0) + 120.0 * TIMES[:, None, None, None]
    row = told(lighter.astype(np.uint8))
    assert max(row[name] for name in row if name.startswith(("flow", "path"))) < 0.01
    assert row["flicker"] > 0.01


def test_colours_are_named():
    row = told(np.full((2, SIDE, SIDE, 3), (10, 200, 10), dtype=np.uint8))
    assert (row["hue_green"], row["hue_red"]) == (1.0, 0.0)


def test_movements_are_told_apart_by_few_films():
    made = list(make_moves(len(MOVES) * 12))
    rows = np.array([describe_film(fit_in(frames), len(frames) / 10) for _, frames in made])
    labels = np.array([label for label, _ in made])
    half = len(MOVES) * 6
    forest = RandomForestClassifier(50, random_state=0).fit(rows[:half], labels[:half])
    assert forest.score(rows[half:], labels[half:]) > 0.7
