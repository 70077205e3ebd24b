"""What a report says of the features that the model needs."""

import shutil

from reporting.evidently_reports.feature_importance import draw_needs, facts_of, read_needs


def texts(widgets):
    return str([widget.params for widget in widgets])


def test_the_most_needed_features_come_first(cancer):
    needs = read_needs(cancer.artifacts(), "0001")
    (table,) = draw_needs(needs)
    shown = [row[0] for row in table.params["data"]]
    means = {one.feature: one.mean for one in needs.importance.features}
    assert shown == sorted(shown, key=lambda name: -means[name])
    assert len(shown) == 20 < len(means)


def test_images_have_a_picture(digits):
    needs = read_needs(digits.artifacts(), "0001")
    _, picture = draw_needs(needs)
    assert needs.picture.startswith(b"\x89PNG")
    assert "data:image/png;base64" in texts([picture])


def test_a_change_beyond_chance_is_told_from_one_within_it(cancer, tmp_path):
    copy = cancer.copy(
        tmp_path / "copy", TRAINING__PARAMETERS='{"n_estimators": 1, "max_depth": 2}'
    )
    copy.train()
    needs = read_needs(copy.artifacts(), "0002")
    shown = texts(draw_needs(needs))
    assert "change since version 0001" in shown
    assert any(change["beyond_noise"] for change in needs.changes)
    assert "within chance" in shown
    assert facts_of(needs)["importance_change"]["since"] == "0001"


def test_a_parent_that_is_gone_leaves_nothing_to_compare_with(cancer, tmp_path):
    copy = cancer.copy(tmp_path / "copy")
    copy.train()
    shutil.rmtree(copy.folder / "artifacts/versions/0001")
    needs = read_needs(copy.artifacts(), "0002")
    assert needs.changes is None
    assert "nothing to compare with" in texts(draw_needs(needs))


def test_a_version_trained_without_has_no_importance(cancer, tmp_path):
    copy = cancer.copy(tmp_path / "copy", TRAINING__IMPORTANCE_ROWS="0")
    copy.train()
    assert read_needs(copy.artifacts(), "0002") is None
