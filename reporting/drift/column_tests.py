"""Tests one column: what changed, whether beyond chance, and whether enough to matter."""

from math import erfc, log10, sqrt

import numpy as np

from pipeline.arrays import Numbers
from reporting.distributions.counts import binomial_above
from reporting.distributions.numeric_tests import (
    NumericColumn,
    ks_test,
    location_test,
    share_below,
    wasserstein,
)
from reporting.drift.categorical_tests import proportion_test
from reporting.drift.dependence import categories_worth, rows_worth
from reporting.drift.policy import Change, Rule
from reporting.drift.reference_columns import (
    CategoryReference,
    ColumnReference,
    NumberReference,
    name_of_place,
    places_of,
)
from reporting.insufficient import Insufficient, too_few

EXPECTED = 5.0  # rows below which a share is tested exactly
USUAL = 0.05  # a value with this share of the reference may last for a whole window
FAR = 0.5  # how far beyond the range of the reference, in widths of the range
UNITS = 0.15  # how near to a power of ten, in decades, other units are suspected
LARGE_SHIFT = 0.5  # of the distance that a shift of the mean must explain to be called one


def find_changes(
    reference: ColumnReference, values: Numbers, rule: Rule
) -> tuple[list[Change], float] | Insufficient:
    """The changes in a window of rows in order, and how many independent rows it is worth."""
    if isinstance(reference, CategoryReference):
        return _category_changes(reference, values, rule)
    return _number_changes(reference, values, rule)


def _number_changes(
    reference: NumberReference, values: Numbers, rule: Rule
) -> tuple[list[Change], float] | Insufficient:
    present = values[np.isfinite(values)]
    changes = []
    worth = float(len(values))
    few = too_few(len(present), rule.minimum_rows // 2, "numbers in the window")
    if not few:
        window = reference.column.standardise(present)
        column = reference.column
        worth = rows_worth(share_below(column.values, window), column.rank_variance)
        changes = [
            _moved(reference, window, worth, rule),
            _frozen_number(reference, window, present[0]),
            _outside(reference, present, rule),
        ]
    if not reference.tells_missing:
        return few or (changes, worth)
    lost = _missing(reference.missing, reference.rows, ~np.isfinite(values), rule)
    if few and not lost.matters:
        return few
    return [*changes, lost], worth


def _moved(reference: NumberReference, window: Numbers, worth: float, rule: Rule) -> Change:
    ordered = np.sort(window)
    column = reference.column
    tests = (location_test(column, ordered, worth), ks_test(column, ordered, worth))
    distance = wasserstein(column, ordered)
    amount, what, words = _describe_move(column, ordered, distance)
    p = min(1.0, 2 * min(tests))
    return Change("ks_rank", p, amount, distance >= rule.least_move, what, words)


def _describe_move(
    column: NumericColumn, window: Numbers, distance: float
) -> tuple[float, str, str]:
    """The amount, what it is of, and the sentence."""
    factor = _other_units(column, window)
    if factor:
        return distance, "sd apart, as if in other units", f"is about {factor} times as large"
    shift = float(window.mean() - column.values.mean())
    if abs(shift) >= LARGE_SHIFT * distance:
        side = "higher" if shift > 0 else "lower"
        return abs(shift), f"sd {side}", f"is {_sd(abs(shift))} {side}"
    spread = float(window.std() / column.values.std()) if column.values.std() else 1.0
    if spread > 1.2:
        return distance, "sd apart, spread wider", f"varies {spread:.1f} times as much"
    if spread < 1 / 1.2:
        return distance, "sd apart, spread narrower", f"varies {spread:.1f} times as much"
    return distance, "sd apart, in shape", f"is distributed otherwise, by {_sd(distance)}"


def _sd(amount: float) -> str:
    return f"{amount:.2f} sd" if amount < 10 else f"{amount:,.0f} sd"


def _other_units(column: NumericColumn, window: Numbers) -> str:
    """The power of ten between the typical sizes, if spread and size agree on it."""
    (usual, usual_spread), (size, spread) = (
        _size(column.mean + column.scale * side) for side in (column.values, window)
    )
    if min(size, spread, usual, usual_spread) <= 0:
        return ""
    decades, others = log10(size / usual), log10(spread / usual_spread)
    nearest = round(decades)
    agree = abs(decades - nearest) < UNITS and abs(others - nearest) < UNITS
    return f"{10.0**nearest:g}" if nearest and agree else ""


def _size(values: Numbers) -> tuple[float, float]:
    low, high = np.quantile(values, [0.1, 0.9])
    return float(np.median(np.abs(values))), float(high - low)


def _frozen_number(reference: NumberReference, window: Numbers, value: float) -> Change:
    """Tests whether all rows hold one value, which is rarer than that in the reference."""
    frozen = bool((window == window[0]).all())
    known = reference.column.values
    share = (np.isclose(known, window[0]).sum() + 1) / (len(known) + 1) if frozen else 0.0
    return _frozen(frozen, float(share), len(window), f"{value:g}")


def _frozen(frozen: bool, share: float, rows: int, value: str) -> Change:
    """If the value is usual in the reference, it may be a season rather than damage."""
    p = share**rows if frozen else 1.0
    usual = share > USUAL
    method, verb = ("lasting", "is always") if usual else ("constant", "is frozen at")
    what = "of the rows hold one value"
    return Change(method, p, float(frozen), frozen, what, f"{verb} {value}")


def _outside(reference: NumberReference, present: Numbers, rule: Rule) -> Change:
    """Tests for values far outside the range, as of other units or a broken sensor."""
    feature = reference.feature
    if feature.minimum is None or feature.maximum is None:
        return Change("binomial", 1.0, 0.0, False, "", "")
    far = FAR * (feature.maximum - feature.minimum)
    outside = (present < feature.minimum - far) | (present > feature.maximum + far)
    share = float(outside.mean())
    p = _unlikely_count(outside, 0, reference.rows)
    what = "of the rows far outside the range"
    return Change(
        "binomial", p, share, share >= rule.least_new, what, f"is far out of range in {share:.0%}"
    )


def _unlikely_count(found: np.ndarray, usual: int, reference_rows: int) -> float:
    """The chance of at least so many such rows, if the reference had `usual` of them."""
    share = (usual + 1) / (reference_rows + 1)
    worth = rows_worth(found.astype(np.float64))
    counted = np.ceil(found.mean() * worth)
    return binomial_above(counted - 1, round(worth), min(share, 1.0))


def _missing(usual: int, reference_rows: int, missing: np.ndarray, rule: Rule) -> Change:
    rows, found = len(missing), int(missing.sum())
    before, now = usual / reference_rows, found / rows
    worth = rows_worth(missing.astype(np.float64))
    expected = worth * (usual + found) / (reference_rows + rows)
    if expected >= EXPECTED:
        pooled = (usual + found) / (reference_rows + rows)
        error = sqrt(max(pooled * (1 - pooled), 1e-12) * (1 / worth + 1 / reference_rows))
        p = erfc(abs(now - before) / error / sqrt(2))
    else:
        p = _unlikely_count(missing, usual, reference_rows)
    method, side = ("missing", "more") if now > before else ("filled", "fewer")
    what = f"of the rows {side} missing"
    words = f"is missing in {now:.1%} instead of {before:.1%}"
    amount = abs(now - before)
    return Change(method, p, amount, amount >= rule.least_missing, what, words)


def _category_changes(
    reference: CategoryReference, values: Numbers, rule: Rule
) -> tuple[list[Change], float] | Insufficient:
    few = too_few(len(values), rule.minimum_rows, "rows in the window")
    if few:
        return few
    places = places_of(reference.feature, values)
    known, before = reference.known, np.array(reference.counts)
    worth = categories_worth(places)
    now = np.bincount(places, minlength=known + 2)[: known + 2]
    fresh = now[known + 1] / len(values)
    changes = [
        _shares(reference, before[:known], now[:known], worth / len(values), rule),
        Change(
            "binomial",
            _unlikely_count(places > known, int(before[-1]), reference.rows),
            fresh,
            fresh - before[-1] / reference.rows >= rule.least_new,
            "of the rows in a new category",
            f"has a new category in {fresh:.1%}",
        ),
        _missing(int(before[known]), reference.rows, places == known, rule),
        _frozen_category(reference, places),
    ]
    return changes, worth


def _shares(
    reference: CategoryReference, before: np.ndarray, now: np.ndarray, weight: float, rule: Rule
) -> Change:
    """Compares the shares of the known categories."""
    names = [name_of_place(reference.feature, place) for place in range(len(before))]
    counts = [dict(zip(names, side.tolist(), strict=True)) for side in (before, now)]
    if not before.sum() or not now.sum():
        return Change("chi2", 1.0, 0.0, False, "", "")
    tested = proportion_test(counts[0], {name: rows * weight for name, rows in counts[1].items()})
    if tested is None:
        return Change("chi2", 1.0, 0.0, False, "", "")
    old, new = before / before.sum(), now / now.sum()
    both = np.maximum((old + new) / 2, 1e-12)
    distance = float(np.sqrt(((old - new) ** 2 / both).sum()))
    boolean = reference.feature.type == "boolean"
    moved = 1 if boolean else int(np.abs(new - old).argmax())
    more, count = ("more", "more") if new[moved] > old[moved] else ("less", "fewer")
    amount = abs(float(new[moved] - old[moved]))
    words = f"is '{names[moved]}' {amount * 100:.0f} points {more} often"
    what = f"of the rows {count} are '{names[moved]}'"
    return Change(tested[0], tested[1], amount, distance >= rule.least_move, what, words)


def _frozen_category(reference: CategoryReference, places: np.ndarray) -> Change:
    frozen = bool((places == places[0]).all())
    share = (reference.counts[places[0]] + 1) / (reference.rows + 1)
    return _frozen(frozen, share, len(places), f"'{name_of_place(reference.feature, places[0])}'")
