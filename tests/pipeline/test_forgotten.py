"""What a version forgot goes with it, labelled as the version sees it now."""

import numpy as np

from pipeline.forgotten import FILE, forgotten_files, forgotten_of
from pipeline.scorer import load_scorer
from pipeline.seal import open_sealed, seal


def carry(folder, files):
    seal(folder, files, {}, b"key")
    return forgotten_of(open_sealed(folder, b"key"))


def test_a_share_of_the_rows_comes_back_with_the_labels_of_the_version(cancer, tmp_path):
    scorer = load_scorer(cancer.artifacts().current())
    values = np.random.default_rng(0).normal(size=(40, 10))
    forgotten = carry(tmp_path / "version", forgotten_files(values, scorer, 0.5, 0))
    assert {tuple(row) for row in forgotten.values} < {tuple(row) for row in values}
    places, _ = scorer.score(forgotten.values)
    assert forgotten.labels.tolist() == [scorer.labels[place] for place in places]


def test_a_version_that_forgot_nothing_carries_nothing(cancer):
    version = cancer.artifacts().current()
    assert forgotten_files(np.empty((0, 10)), load_scorer(version), 1.0, 0) == {}
    assert FILE not in version and forgotten_of(version) is None
