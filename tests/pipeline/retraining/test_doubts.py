"""A version that is not worth serving is said to be so."""

import numpy as np
import pytest

from tests.support.models_and_records.versions import make_version


def write(folder, rows):
    lines = ["x,z,target", *(",".join(map(str, row)) for row in rows)]
    (folder / "own.csv").write_text("\n".join(lines) + "\n")


def doubts(settings, workplace, rows):
    write(workplace, rows)
    return make_version(settings(dataset__source="own.csv", embedding__method="features")).manifest[
        "doubts"
    ]


def noise(rows, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, 2)).round(3).tolist()


def test_one_that_is_no_better_than_the_commonest_label(settings, workplace):
    labels = ["a", "a", "a", "b"]
    found = doubts(settings, workplace, [[*r, labels[n % 4]] for n, r in enumerate(noise(80))])
    assert any("always to say 'a' would be in 75.0%" in doubt for doubt in found)


def test_a_label_that_is_never_found(settings, workplace):
    rows = [[*r, "rare" if n % 40 == 0 else "ab"[r[0] > 0]] for n, r in enumerate(noise(200))]
    assert any(doubt == "It never finds 'rare'." for doubt in doubts(settings, workplace, rows))


def test_ten_rows(settings, workplace):
    rows = [[*r, "ab"[n % 2]] for n, r in enumerate(noise(12))]
    assert any("rows to learn from are few" in doubt for doubt in doubts(settings, workplace, rows))


@pytest.mark.parametrize("size", [400, 600])
def test_a_copy_of_the_target(settings, workplace, size):
    rows = [[10 * (n % 2) + n % 7, r[1], "ab"[n % 2]] for n, r in enumerate(noise(size))]
    (found,) = doubts(settings, workplace, rows)
    assert found.startswith("The feature 'x' alone gives the label away")


def test_a_sound_table_leaves_none(cancer):
    assert cancer.artifacts().current().manifest["doubts"] == []
