"""Divides many features into small groups by the words of their names."""

import re
from collections import Counter
from collections.abc import Sequence

from webapp.client.schema import Feature
from webapp.texts import say

FEW = 12  # up to so many features need no groups
LEAST = 3  # features in a group
SLICE = 12  # features in a group if names do not help

Group = tuple[str, Sequence[Feature]]


def group_features(features: Sequence[Feature]) -> list[Group]:
    """Group by the first or last word that most names share, else in the schema's order.

    mean_radius, mean_area, radius_error, area_error, ... become Mean and Error.
    """
    if len(features) <= FEW:
        return [("", features)]
    shared = Counter(word for feature in features for word in set(_ends(feature.name)))
    groups: dict[str, list[Feature]] = {}
    for feature in features:
        word = max(_ends(feature.name), key=lambda end: shared[end])
        groups.setdefault(word if shared[word] >= LEAST else "", []).append(feature)
    rest = groups.pop("", [])
    if len(rest) > len(features) / 2 or len(groups) < 2:
        return _slice(features)
    named: list[Group] = [(word.capitalize(), group) for word, group in groups.items()]
    return [*named, (say("Other"), rest)] if rest else named


def _ends(name: str) -> tuple[str, str]:
    words = re.split(r"[\W_]+", name.lower().strip("_ ")) or [name]
    return words[0], words[-1]


def _slice(features: Sequence[Feature]) -> list[Group]:
    starts = range(0, len(features), SLICE)
    parts = [features[start : start + SLICE] for start in starts]
    return [
        (say("{first} to {last}", first=start + 1, last=start + len(part)), part)
        for start, part in zip(starts, parts, strict=True)
    ]
