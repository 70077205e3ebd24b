"""The built-in dataset `moves`: shapes that move on changing grounds; used by `made_files.py`."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.arrays import Numbers

MOVES = ("left", "right", "up", "down", "growing", "shrinking", "clockwise", "counterclockwise")
SHAPES = ("disc", "square", "triangle", "ring", "cross")
WIDTH, HEIGHT = 56, 42
FRAMES_PER_S = 10
ACROSS, DOWN = np.meshgrid(
    (np.arange(WIDTH) + 0.5 - WIDTH / 2) / HEIGHT, (np.arange(HEIGHT) + 0.5) / HEIGHT - 0.5
)  # heights of the frame from its middle


def make_moves(count: int, seed: int = 0) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """Films of 2 to 2.6 s as frames of HEIGHT x WIDTH x 3, one kind of movement after the other."""
    for place in range(count):
        rng = np.random.default_rng([seed, place])
        move = MOVES[place % len(MOVES)]
        yield move, _film(move, rng)


def _film(move: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    times = np.linspace(0.0, 1.0, int(rng.integers(20, 27)))
    frames = _ground(times, rng)
    if rng.random() < 0.4:  # something small that goes its own way
        _draw(frames, rng, *_stray(times, rng))
    _draw(frames, rng, *_moving(move, times, rng))
    flicker = 1.0 + rng.uniform(0.0, 0.06) * rng.normal(size=(len(times), 1, 1, 1))
    return (frames * flicker * 255.0).clip(0, 255).astype(np.uint8)


def _ground(times: Numbers, rng: np.random.Generator) -> Numbers:
    """Two colours that run into each other, that turn and change, under stripes that may drift."""
    first, second, later = rng.uniform(0.1, 0.9, (3, 3))
    angle = rng.uniform(0, 2 * np.pi) + rng.uniform(-1.0, 1.0) * times[:, None, None]
    mix = 0.5 + 0.6 * (ACROSS * np.cos(angle) + DOWN * np.sin(angle))
    end = second + (later - second) * times[:, None] * rng.uniform(0.0, 0.7)
    ground = first + (end[:, None, None, :] - first) * mix[..., None]
    tilt, waves = rng.uniform(0, np.pi), rng.uniform(2.0, 5.0)
    drift = rng.uniform(-1.0, 1.0) * times[:, None, None]
    turns = waves * (ACROSS * np.cos(tilt) + DOWN * np.sin(tilt)) + drift
    return np.asarray(ground + rng.uniform(0.0, 0.08) * np.sin(2 * np.pi * turns)[..., None])


def _stray(times: Numbers, rng: np.random.Generator) -> tuple[Numbers, Numbers, Numbers]:
    x, y = rng.uniform(-0.5, 0.5, 2)
    pace = rng.normal(0.0, 0.25, 2)
    return x + pace[0] * times, y + pace[1] * times, np.full(len(times), rng.uniform(0.03, 0.07))


def _moving(
    move: str, times: Numbers, rng: np.random.Generator
) -> tuple[Numbers, Numbers, Numbers]:
    """Where the shape is in each frame and how large, in heights of the frame."""
    size = rng.uniform(0.09, 0.2) * (1.0 + rng.uniform(-0.15, 0.15) * times)
    x, y = rng.uniform(-0.25, 0.25, 2)
    way = times ** rng.uniform(0.7, 1.4)  # faster at its start, or at its end
    reach = rng.uniform(0.4, 0.9)
    tremble = rng.uniform(0.0, 0.012) * rng.normal(size=(2, len(times)))
    sway = rng.uniform(-0.12, 0.12, 2)
    across, down = x + sway[0] * times + tremble[0], y + sway[1] * times + tremble[1]
    if move in ("left", "right"):
        across = across * 0.3 + (way - 0.5) * reach * (1 if move == "right" else -1)
    elif move in ("up", "down"):
        down = down * 0.3 + (way - 0.5) * reach * 0.8 * (1 if move == "down" else -1)
    elif move in ("clockwise", "counterclockwise"):
        turn = 2 * np.pi * (rng.random() + way * rng.uniform(0.6, 1.5))
        turn = turn if move == "clockwise" else -turn
        radius = rng.uniform(0.15, 0.3)
        across, down = across * 0.4 + radius * np.cos(turn), down * 0.4 + radius * np.sin(turn)
    else:
        grown = rng.uniform(1.7, 3.0) ** way
        size = 0.09 * rng.uniform(0.8, 1.3) * (grown if move == "growing" else grown[::-1])
    return across, down, size


def _draw(
    frames: Numbers, rng: np.random.Generator, across: Numbers, down: Numbers, size: Numbers
) -> None:
    """Paint a shape of one colour over the ground, with soft edges."""
    shape, spin = SHAPES[rng.integers(len(SHAPES))], rng.uniform(0, 2 * np.pi)
    ground = frames.mean(axis=(0, 1, 2))
    colour = rng.uniform(0.0, 1.0, 3)
    while np.abs(colour - ground).max() < 0.3:  # it must be seen
        colour = rng.uniform(0.0, 1.0, 3)
    x, y = ACROSS - across[:, None, None], DOWN - down[:, None, None]
    turned = x * np.cos(spin) + y * np.sin(spin), y * np.cos(spin) - x * np.sin(spin)
    inside = -_distance(shape, *turned, size[:, None, None]) * HEIGHT + 0.5
    cover = np.clip(inside, 0.0, 1.0)[..., None]
    frames += cover * (colour - frames)


def _distance(shape: str, x: Numbers, y: Numbers, size: Numbers) -> Numbers:
    """From each pixel to the edge of the shape, negative inside."""
    radius = np.hypot(x, y)
    if shape == "disc":
        return np.asarray(radius - size)
    if shape == "ring":
        return np.asarray(np.abs(radius - 0.75 * size) - 0.3 * size)
    if shape == "square":
        return np.asarray(np.maximum(np.abs(x), np.abs(y)) - 0.85 * size)
    if shape == "triangle":
        sides = np.maximum(np.abs(x) * 0.866 + y * 0.5, -y)
        return np.asarray(sides - 0.6 * size)
    narrow, wide = np.minimum(np.abs(x), np.abs(y)), np.maximum(np.abs(x), np.abs(y))
    return np.asarray(np.maximum(narrow - 0.35 * size, wide - size))
