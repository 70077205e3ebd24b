"""Digits as a person draws them: paths of a pen in a field of 280 by 280, each a little another."""

from itertools import pairwise

import numpy as np


def arc(x, y, across, down, begin, end, points=24):
    """A part of an ellipse; degrees run clockwise from three o'clock."""
    angles = np.radians(np.linspace(begin, end, points))
    return np.stack([x + across * np.cos(angles), y + down * np.sin(angles)], axis=1)


def eight(x, y, across, down):
    """One stroke that crosses itself, the way it is written."""
    turns = np.linspace(0, 2 * np.pi, 60) + np.pi / 4
    return np.stack([x + across * np.sin(2 * turns), y - down * np.sin(turns)], axis=1)


def line(*points):
    """From point to point, as a mouse reports it: every few pixels."""
    parts = [np.linspace(a, b, 12) for a, b in pairwise(points)]
    return np.concatenate(parts)


def join(*parts):
    return np.concatenate(parts)


PATHS = {
    "0": [arc(50, 50, 24, 40, -90, 270)],
    "1": [line((38, 24), (52, 10), (52, 90))],
    "2": [join(arc(50, 32, 24, 22, 190, 380), line((70, 48), (26, 90), (76, 90)))],
    "3": [join(arc(46, 30, 22, 20, 200, 440), arc(46, 70, 26, 21, -80, 150))],
    "4": [line((58, 10), (24, 62), (80, 62)), line((62, 40), (62, 92))],
    "5": [join(line((74, 12), (34, 12), (32, 46)), arc(48, 66, 26, 25, -120, 140))],
    "6": [join(arc(70, 62, 44, 54, 262, 190), arc(48, 68, 22, 21, 185, 540))],
    "7": [line((24, 12), (76, 12), (44, 90)), line((36, 50), (72, 50))],  # as in France
    "8": [eight(50, 50, 22, 40)],
    "9": [join(arc(50, 33, 22, 22, 0, 360), line((72, 33), (68, 66), (58, 90)))],
}


def draw(digit, random):
    """The strokes of a digit: moved, stretched, slanted and shaken as by another hand."""
    size, slant = random.uniform(0.8, 2.2), random.normal(0, 0.12)
    stretch = np.array([size * random.uniform(0.85, 1.15), size])
    place = np.array([random.uniform(0, 60), random.uniform(0, 60)])
    strokes = []
    for path in PATHS[digit]:
        bent = path + np.stack([(50 - path[:, 1]) * slant, np.zeros(len(path))], axis=1)
        shaken = bent + random.normal(0, 0.9, bent.shape)
        strokes.append((shaken * stretch + place).tolist())
    return strokes
