import numpy as np

from pipeline.data.schema import Feature, ImageShape, Schema, pixel_features
from pipeline.data.watched_features import watched_features, watched_values


def picture(width, height, colour=False):
    shape = ImageShape(width, height, colour)
    size = width * height * (3 if colour else 1)
    return Schema("image", "label", ("a", "b"), pixel_features(shape, [0.0] * size), shape)


def test_a_table_is_watched_as_it_is():
    schema = Schema("tabular", "target", ("a", "b"), (Feature("age", "number"),))
    assert watched_features(schema) == schema.features
    np.testing.assert_array_equal(watched_values(schema, np.array([[3.0]])), [[3.0]])


def test_a_picture_is_watched_in_blocks_and_as_a_whole():
    schema = picture(8, 8)
    names = [feature.name for feature in watched_features(schema)]
    assert names[0] == "block_1_1"
    assert names[-2:] == ["brightness", "contrast"]
    lit = np.zeros((1, 8, 8))
    lit[0, 0:2, 2:4] = 200.0
    values = dict(zip(names, watched_values(schema, lit.reshape(1, -1))[0], strict=True))
    assert {name for name in names if name.startswith("block") and values[name]} == {"block_1_2"}
    assert (values["block_1_2"], values["brightness"]) == (200.0, 200.0 * 4 / 64)


def test_colours_and_odd_sizes_have_as_many_values_as_names():
    for schema in (picture(128, 96, colour=True), picture(3, 5), picture(1, 1)):
        rows = np.random.default_rng(0).random((2, len(schema.features)))
        watched = watched_values(schema, rows)
        assert watched.shape == (2, len(watched_features(schema)))
        assert np.isfinite(watched).all()
