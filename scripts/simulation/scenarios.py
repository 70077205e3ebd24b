"""What can happen to traffic, by name: the phases that simulate plays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.data.schema import Value
from scripts.cli.command import CommandError
from scripts.simulation.recordings import CHANGES
from scripts.simulation.row_source import Row, RowSource

BROKEN = 0.3  # share of the rows that the phase `quality` damages
TOUCHED = 1 / 3  # share of the features that a covariate drift touches
FAVOURED = 0.7  # share of the rows that the phase `target` gives to half of the labels

Drawn = tuple[list[Value], str]  # what is sent, and what is true of it


@dataclass(frozen=True)
class Scenario:
    what: str
    watch: str  # what a watcher should see
    draw: Callable[[RowSource], Drawn]
    hurry: float = 1.0  # times the usual rate


def _draw_calm(world: RowSource) -> Drawn:
    row, target = world.draw()
    if world.moved:
        _shift(world, row)
    return world.values(row), target


def _draw_target(world: RowSource) -> Drawn:
    labels = world.schema.labels
    half = labels[: max(1, len(labels) // 2)]
    favoured = world.random.random() < FAVOURED
    label = str(world.random.choice(half)) if favoured else None
    row, target = world.draw(label)
    return world.values(row), target


def _draw_concept(world: RowSource) -> Drawn:
    world.changed = True
    return _draw_calm(world)


def _draw_damaged(world: RowSource) -> Drawn:
    row, target = world.draw()
    values = world.values(row)
    if world.random.random() < BROKEN:
        place = int(world.random.integers(len(values)))
        values[place] = _damage(world, place)
    return values, target


def _damage(world: RowSource, place: int) -> Value:
    """A missing value, one far out of range, or a category that nobody has seen."""
    feature = world.schema.features[place]
    if world.random.random() < 0.5 or feature.type == "boolean":
        return None
    if feature.type == "category":
        return "never seen before"
    low, high = feature.minimum or 0.0, feature.maximum or 0.0
    return high + 3.0 * (high - low) + 10.0


def _add_noise(world: RowSource, row: Row) -> None:
    world.move(row, 1.0)


def _blur(world: RowSource, row: Row) -> None:
    if world.schema.image is None:
        raise CommandError("Only pictures can be blurred; take noise, shift, frozen or permuted.")
    picture = row.reshape(world.schema.image.shape)
    padded = np.pad(picture, [(1, 1), (1, 1), *[(0, 0)] * (picture.ndim - 2)], mode="edge")
    height, width = picture.shape[:2]
    parts = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    row[:] = np.mean(parts, axis=0).ravel()


def _shift(world: RowSource, row: Row) -> None:
    """A picture moves by a pixel; of a table a third of the numbers rise by their spread."""
    if world.schema.image is not None:
        row[:] = np.roll(row.reshape(world.schema.image.shape), 1, axis=1).ravel()
    else:
        touched = _touched(world)
        row[touched] += world.spread[touched]


def _freeze(world: RowSource, row: Row) -> None:
    touched = _touched(world)
    row[touched] = np.nanmedian(world.rows.values[:, touched], axis=0)


def _permute(world: RowSource, row: Row) -> None:
    """Each number arrives in the place of the next one."""
    places = np.flatnonzero(world.numbers)
    row[places] = row[np.roll(places, 1)]


def _touched(world: RowSource) -> np.ndarray:
    """A third of the numbers: those that vary most, for a pixel at the edge has nothing to say."""
    most = np.argsort(-world.spread * world.numbers, kind="stable")
    return most[: max(1, int(TOUCHED * world.numbers.sum()))]


DRIFTS = {
    "noise": _add_noise,
    "blur": _blur,
    "shift": _shift,
    "frozen": _freeze,
    "permuted": _permute,
}


def _draw_drifted(drift: str) -> Callable[[RowSource], Drawn]:
    def draw(world: RowSource) -> Drawn:
        row, target = world.draw()
        DRIFTS[drift](world, row)
        return world.values(row), target

    return draw


def _draw_changed(change: str) -> Callable[[RowSource], Drawn]:
    def draw(world: RowSource) -> Drawn:
        if world.recordings is None:
            raise CommandError(f"--drift {change} is for sounds or films; these are neither.")
        return world.recordings.draw(change)

    return draw


def get_scenario(name: str, drift: str = "shift") -> Scenario:
    """A phase by its name; `drift` says what happens to the inputs in the phase covariate."""
    if name == "covariate":
        watch = "drift_share rises, drift_alarm 1; drift_holds (DataDrift) when two windows agree"
        draw = _draw_changed(drift) if drift in CHANGES else _draw_drifted(drift)
        return Scenario(f"the inputs change: {drift}", watch, draw)
    try:
        return SCENARIOS[name]
    except KeyError:
        known = ", ".join(sorted([*SCENARIOS, "covariate"]))
        raise CommandError(f"There is no phase '{name}'; there are: {known}.") from None


SCENARIOS = {
    "calm": Scenario("rows like those of the training", "no alert", _draw_calm),
    "target": Scenario(
        "half of the labels come more often",
        "target_drift_detected and prediction_drift_detected 1, then TargetDrift; "
        "other labels have other inputs, so DataDrift may follow",
        _draw_target,
    ),
    "concept": Scenario(
        "labels change their meaning in a quarter of the rows",
        "concept_error_rate rises, ConceptDrift, then QualityDrop; a retraining, then a promotion",
        _draw_concept,
    ),
    "quality": Scenario(
        "missing values, values out of range and unknown categories in 30 % of the rows",
        "data_quality_row_share rises, then DataQualityPoor; DataDrift may follow",
        _draw_damaged,
    ),
    "burst": Scenario(
        "ten times the rate", "the request rate rises, no error, no alert", _draw_calm, 10.0
    ),
    "errors": Scenario(
        "malformed requests",
        "api_requests_total with status 400, 413 and 422, no alert",
        _draw_calm,
    ),
    "recover": Scenario("the world as it is by now, at rest", "alerts resolve", _draw_calm),
}
