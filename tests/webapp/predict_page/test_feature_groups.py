from webapp.client.schema import Feature
from webapp.predict_page.feature_groups import group_features


def features(*names):
    return [Feature(name, "number", 0.0, 1.0, (), 0.5) for name in names]


def titles(groups):
    return [title for title, _ in groups]


def test_few_features_are_one_group():
    assert titles(group_features(features("a", "b"))) == [""]


def test_names_that_share_a_first_or_last_word_are_together():
    things = ("radius", "area", "texture", "symmetry", "concavity")
    names = [form.format(x) for form in ("mean_{}", "{}_error", "worst_{}") for x in things]
    groups = group_features(features(*names))
    assert titles(groups) == ["Mean", "Error", "Worst"]
    assert [len(group) for _, group in groups] == [5, 5, 5]


def test_names_that_tell_nothing_are_sliced():
    groups = group_features(features(*(f"x{number}" for number in range(30))))
    assert titles(groups) == ["1 to 12", "13 to 24", "25 to 30"]


def test_every_feature_is_in_one_group():
    names = [f"mean_{n}" for n in range(6)] + [f"{n}_error" for n in range(6)] + ["age", "_", "!"]
    shown = [feature.name for _, group in group_features(features(*names)) for feature in group]
    assert sorted(shown) == sorted(names)
