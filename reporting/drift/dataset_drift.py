"""Tests whether the columns of a window have the distribution of the reference.

The drift exporter calls `compare` on every pass. docs/monitoring.md says why the rule is this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pipeline.arrays import Numbers
from reporting.drift.associations import Associations, Broken
from reporting.drift.column_tests import find_changes
from reporting.drift.policy import (
    Change,
    ColumnResult,
    Family,
    Rule,
    find_relevant,
    judge,
)
from reporting.drift.reference_columns import FamilyReference
from reporting.drift.twins import find_swapped, swap_back
from reporting.insufficient import Insufficient, too_few

RESIDUAL = "pca_residual"  # what the PCA discards: a column that is a family of its own
MOST_NAMED = 3

Cause = Literal["none", "features", "pca", "residual"]


@dataclass(frozen=True)
class DatasetDrift:
    """`share` is of the features; `cause` is the first family in which something drifted."""

    rows: int
    columns: tuple[ColumnResult, ...]
    insufficient: Mapping[str, Insufficient]  # columns that could not be tested
    share: float | None  # None if no feature could be tested
    drifted: bool
    cause: Cause

    @property
    def found(self) -> tuple[ColumnResult, ...]:
        """What drifted, the surest first."""
        drifted = [column for column in self.columns if column.drifted]
        return tuple(
            sorted(drifted, key=lambda column: (column.family != "features", column.score))
        )


def compare(
    families: Sequence[FamilyReference], window: Mapping[Family, Numbers], rule: Rule | None = None
) -> DatasetDrift | Insufficient:
    """Compare a window with the reference. `window` has the rows of each family, in order."""
    rule = rule or Rule()
    rows = max((len(values) for values in window.values()), default=0)
    few = too_few(rows, rule.minimum_rows, "rows in the window")
    if few:
        return few
    compared: list[ColumnResult] = []
    insufficient: dict[str, Insufficient] = {}
    watched = [family for family in families if family.columns]
    for family in watched:
        insufficient |= family.insufficient
        values = window[family.family]
        level = rule.level(family.tests, len(watched), len(values), family.rows)
        found, lacking = compare_family(family, values, level, rule)
        compared += found
        insufficient |= lacking
    if not compared:
        return Insufficient(rows, "no column has enough usable rows")
    return judge_columns(rows, tuple(compared), insufficient)


def compare_family(
    family: FamilyReference, values: Numbers, level: float, rule: Rule
) -> tuple[list[ColumnResult], dict[str, Insufficient]]:
    changes: dict[str, list[Change]] = {}
    insufficient = {}
    worth = [float(len(values))] * values.shape[1]
    for place, name in enumerate(family.names):
        if name not in family.columns:
            continue
        tested = find_changes(family.columns[name], values[:, place], rule)
        if isinstance(tested, Insufficient):
            insufficient[name] = tested
        else:
            changes[name], worth[place] = tested
    if family.associations is not None:
        _compare_links(family, family.associations, values, worth, changes, level, rule)
        _tell_frozen_from_seasons(family, family.associations, values, changes, level)
    judged = [judge(name, family.family, found, level) for name, found in changes.items()]
    return judged, insufficient


def _compare_links(
    family: FamilyReference,
    linked: Associations,
    values: Numbers,
    worth: Sequence[float],
    changes: dict[str, list[Change]],
    level: float,
    rule: Rule,
) -> None:
    """Add a change where a feature has its old distribution, but values of other rows or of another
    feature."""

    def stays(name: str) -> bool:
        return name in changes and not find_relevant(changes[name], level)

    def look(values: Numbers) -> dict[str, Broken]:
        return linked.find_broken(values, worth, level, rule.least_unlinked)

    broken = look(values)
    swapped = find_swapped(linked, family.twins, values, worth, level)
    if swapped is not None and not (broken and look(swap_back(values, swapped.link))):
        name, other = (family.names[p] for p in (swapped.link.place, swapped.link.partner))
        if stays(name) and stays(other):
            changes[name].append(_swapped(swapped, other))
            broken = {}
    for name, one in broken.items():
        if stays(name):
            changes[name].append(_unlinked(one, family.names[one.link.partner]))


def _tell_frozen_from_seasons(
    family: FamilyReference,
    linked: Associations,
    values: Numbers,
    changes: dict[str, list[Change]],
    level: float,
) -> None:
    for place, name in enumerate(family.names):
        found = find_relevant(changes.get(name, []), level)
        lasting = next((change for change in found if change.method == "lasting"), None)
        if lasting is not None and linked.go_on(place, values):
            words = f"{lasting.words} while the others go on as ever"
            frozen = replace(lasting, method="constant", p=min(c.p for c in found), words=words)
            changes[name] = [frozen, *(one for one in changes[name] if one is not lasting)]


def _unlinked(broken: Broken, partner: str) -> Change:
    words = (
        f"no longer goes with `{partner}` and the others as it did "
        f"(correlation {broken.correlation:.2f} instead of {broken.link.correlation:.2f})"
    )
    return Change("correlation", broken.p, broken.lost, True, "of correlation lost", words)


def _swapped(broken: Broken, other: str) -> Change:
    words = (
        f"differs from `{other}` the other way round, as if the two were swapped (with the others "
        f"that goes by {broken.correlation:.2f} instead of {broken.link.correlation:.2f})"
    )
    what = f"of correlation lost, as if swapped with '{other}'"
    return Change("correlation", broken.p, 1.0, True, what, words)


def judge_columns(
    rows: int, columns: tuple[ColumnResult, ...], insufficient: Mapping[str, Insufficient]
) -> DatasetDrift:
    features = [column for column in columns if column.family == "features"]
    share = sum(column.drifted for column in features) / len(features) if features else None
    families = [column.family for column in columns if column.drifted]
    order: tuple[Family, ...] = ("features", "pca", "residual")
    cause: Cause = next((family for family in order if family in families), "none")
    return DatasetDrift(rows, columns, insufficient, share, cause != "none", cause)


def say_found(found: Sequence[ColumnResult]) -> str:
    """What moved, in words: "`depth` is 0.31 sd higher"."""
    named = [f"`{column.name}` {column.words}" for column in found[:MOST_NAMED]]
    more = len(found) - MOST_NAMED
    return "; ".join(named) + (f"; and {more} more" if more > 0 else "")
