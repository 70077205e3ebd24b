"""Each dataset that the settings may name, and each mistake in one."""

import numpy as np
import pytest
from PIL import Image

from pipeline.datasets.load import load_dataset
from pipeline.tables.table import InvalidDataset
from scripts.preparation.churn_snapshots import write_snapshots


@pytest.mark.parametrize(
    ("source", "rows", "features", "labels"),
    [("digits", 1797, 64, 10), ("breast_cancer", 569, 30, 2), ("iris", 150, 4, 3)],
)
def test_the_built_in_ones_are_read(settings, source, rows, features, labels):
    dataset = load_dataset(settings(dataset__source=source))
    assert dataset.rows.shape == (rows, features) == (rows, len(dataset.schema.features))
    assert len(dataset.schema.labels) == labels


def test_a_network_has_nothing_to_read_in_a_built_in_one(settings):
    with pytest.raises(InvalidDataset, match=r"digits: has no files or texts"):
        load_dataset(settings(dataset__source="digits", dataset__extractor="net.onnx"))


def test_churn_learns_from_the_first_month(settings, workplace):
    write_snapshots(workplace / "data" / "churn", months=2, rows=50)
    dataset = load_dataset(settings(dataset__source="churn"))
    types = {feature.type for feature in dataset.schema.features}
    assert types == {"number", "integer", "boolean", "category"}
    assert (len(dataset.targets), dataset.schema.target) == (50, "churn_label")


def test_an_own_csv_file_is_read_by_naming_it(settings, shop):
    dataset = load_dataset(settings(dataset__source="shop.csv"))
    types = [(feature.name, feature.type) for feature in dataset.schema.features]
    assert types == [
        ("loyal", "boolean"),
        ("price", "number"),
        ("visits", "integer"),
        ("city", "category"),
    ]
    assert np.isnan(dataset.rows[0, 1])


def test_a_column_may_be_ignored_or_read_as_categories(settings, shop):
    knobs = {"dataset__ignore": '["price"]', "dataset__categorical": '["visits"]'}
    features = load_dataset(settings(dataset__source="shop.csv", **knobs)).schema.features
    assert [(f.name, f.type) for f in features if f.name in ("price", "visits")] == [
        ("visits", "category")
    ]


def test_an_own_folder_of_images_is_read_by_naming_it(settings, pictures):
    dataset = load_dataset(settings(dataset__source="pictures", dataset__image_size=8))
    assert dataset.schema.labels == ("dark", "light")
    assert (dataset.rows.shape, dataset.schema.kind) == ((20, 64), "image")


def test_columns_named_like_ours_are_features_as_any(settings, workplace):
    rows = "".join(f"{n * 3},{n % 5},{n % 2}\n" for n in range(20))
    (workplace / "odd.csv").write_text("target,prediction,PCA_1\n" + rows)
    dataset = load_dataset(settings(dataset__source="odd.csv", dataset__target="PCA_1"))
    assert [feature.name for feature in dataset.schema.features] == ["target", "prediction"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("x,y\n1,2\n", "has no target column 'target'. Its columns are x, y."),
        ("target\na\nb\n", "has no column besides the target 'target'."),
        ("x,target\n1,a\n2,a\n", "every row has the label 'a'; two are needed."),
        ("x,target\n1,a\n2,a\n3,b\n", "the label 'b' has a single row"),
        ("x,target\n" + "".join(f"1,b{n}\n" for n in range(30)), "30 labels in 30 rows."),
        (
            "x,target\n" + "".join(f"1,1.{n % 15}\n" for n in range(300)),
            "'target' has 15 different numbers in 300 rows: it looks like an amount",
        ),
        (
            "x,target\n" + "".join(f"1,{n % 50}\n" for n in range(500)),
            "'target' has 50 different numbers in 500 rows: it looks like an amount",
        ),
        ("x,target\n1,\n2,NA\n", "the target 'target' is empty in every row."),
        ("x,target\n1,a\n2,b\0\n", "some.csv, line 3: holds a NUL."),
        ("x,target\n1,a\n2,b\nq,a\n5,b\n", "some.csv, line 4, column 'x': 'q' is not a finite"),
    ],
)
def test_a_malformed_table_is_refused_with_place_and_reason(settings, workplace, content, sentence):
    (workplace / "some.csv").write_text(content)
    with pytest.raises(InvalidDataset) as refusal:
        load_dataset(settings(dataset__source="some.csv"))
    assert "some.csv" in str(refusal.value)
    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("rare", "labels", "rows"),
    [("drop", ("cat", "dog"), 6), ("join", ("cat", "dog", "other"), 8)],
)
def test_rare_labels_of_pictures_are_treated_as_a_table_s(settings, workplace, rare, labels, rows):
    for label, pictures in {"cat": 3, "dog": 3, "eel": 1, "fox": 1}.items():
        (workplace / "zoo" / label).mkdir(parents=True)
        for number in range(pictures):
            Image.new("L", (5, 5), 90).save(workplace / "zoo" / label / f"{number}.png")
    with pytest.raises(InvalidDataset, match=r"2 labels \('eel', 'fox'\) have each a single"):
        load_dataset(settings(dataset__source="zoo"))
    dataset = load_dataset(settings(dataset__source="zoo", dataset__rare_labels=rare))
    assert (dataset.schema.labels, len(dataset.rows), len(dataset.files)) == (labels, rows, rows)
    assert "rows of rare labels" in dataset.notes[-1]


@pytest.mark.parametrize(("folds", "labels"), [(3, ("a", "b", "c")), (5, ("a", "b", "other"))])
def test_a_label_is_rare_that_has_fewer_rows_than_folds(settings, workplace, folds, labels):
    """Three was the number of rows that a label needed, whatever training.folds said."""
    rows = [("a", 9), ("b", 9), ("c", 4), ("d", 2 if folds == 5 else 0)]
    lines = [f"{n}.5,{label}" for label, times in rows for n in range(times)]
    (workplace / "some.csv").write_text("\n".join(["x,target", *lines, ""]))
    wanted = {"dataset__rare_labels": "join", "training__folds": folds}
    dataset = load_dataset(settings(dataset__source="some.csv", **wanted))
    assert dataset.schema.labels == labels


def test_all_columns_that_cannot_be_read_are_named(settings, workplace):
    (workplace / "some.csv").write_text("x,y,z,target\n1,2,3,a\n2,q,4,b\nq,3,5,a\n5,6,6,b\n")
    with pytest.raises(InvalidDataset) as refusal:
        load_dataset(settings(dataset__source="some.csv"))
    of_x, of_y = str(refusal.value).splitlines()
    assert of_x.startswith("some.csv, line 4, column 'x': 'q' is not a finite number")
    assert of_y.startswith("some.csv, line 3, column 'y': 'q' is not a finite number")


@pytest.mark.parametrize(
    ("knobs", "sentence"),
    [
        ({"dataset__source": "nowhere"}, "no such file or folder, and not one of digits, "),
        ({"dataset__kind": "image"}, "dataset.kind is 'image', but shop.csv is a file."),
        ({"dataset__ignore": '["id"]'}, "dataset.ignore names 'id', which is no column."),
        ({"dataset__categorical": '["id"]'}, "dataset.categorical names 'id', which is no column"),
        ({"dataset__source": "churn"}, "no snapshots; run python -m scripts.preparation.churn."),
    ],
)
def test_a_table_that_does_not_fit_its_data_is_refused(settings, shop, knobs, sentence):
    with pytest.raises(InvalidDataset) as refusal:
        load_dataset(settings(**{"dataset__source": "shop.csv", **knobs}))
    assert sentence in str(refusal.value)
