"""Vectors keep their numbers and labels on the way through a CSV file, and never mix."""

import csv
import math
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.embedding.vectors import LabelledVectors, read_vectors, write_vectors
from pipeline.tables.table import InvalidDataset

ODD = ["True", "1", "01", "1.0", "NA", "None", "nan", "é", "a,b", 'a "b"', "a\nb", "\r", " a ", "="]
LABELS = st.sampled_from(ODD) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1
).filter(str.strip)
COLUMNS = ("PCA_1", "PCA_2")
NUMBERS = st.floats(-1e38, 1e38)


def make(labels, values=None):
    rows = np.zeros((len(labels), 2)) if values is None else np.array(values)
    return LabelledVectors(rows, np.array(labels), "here", COLUMNS)


def round_trip(vectors):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "some.csv")
        path.write_bytes(write_vectors(vectors))
        return read_vectors(path, vectors.columns, vectors.embedding_id)


@pytest.mark.parametrize("label", ODD)
def test_a_label_stays_what_it_is_however_it_looks(label):
    assert round_trip(make([label, "other"])).targets.tolist() == [label, "other"]


@given(st.lists(st.tuples(LABELS, NUMBERS, NUMBERS), min_size=1))
def test_every_label_and_number_reads_back_the_same(rows):
    vectors = make([label for label, _, _ in rows], [[a, b] for _, a, b in rows])
    again = round_trip(vectors)
    assert again.targets.tolist() == vectors.targets.tolist()
    assert again.values.tobytes() == vectors.values.tobytes()


@given(st.lists(LABELS, min_size=1))
def test_any_csv_reader_reads_the_same_labels(labels):
    content = write_vectors(make(labels)).decode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "some.csv")
        path.write_bytes(content.encode())
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    assert rows == [["PCA_1", "PCA_2", "target"], *(["0.0", "0.0", label] for label in labels)]


def test_many_rows_keep_their_order():
    values = np.arange(50_000.0).reshape(25_000, 2)
    assert np.array_equal(round_trip(make(["a"] * 25_000, values)).values, values)


def test_the_columns_carry_their_names_and_the_target_comes_last():
    header = write_vectors(make(["a"])).splitlines()[0]
    assert header == b"PCA_1,PCA_2,target"


def test_further_rows_are_joined_without_cutting_their_labels():
    other = make(["longer than a"])
    both = make(["a"]).join(other.values, other.targets)
    assert both.targets.tolist() == ["a", "longer than a"]


def test_a_name_with_a_comma_is_a_column_like_any_other(tmp_path):
    vectors = replace(make(["a"], [[1.0, 2.0]]), columns=('cut=so "so", la la', "depth"))
    (tmp_path / "some.csv").write_bytes(write_vectors(vectors))
    again = read_vectors(tmp_path / "some.csv", vectors.columns, "here")
    assert again.values.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("PCA_1,target\n1,a\n", "expected the columns PCA_1..PCA_2,target."),
        ("PCA_2,PCA_1,target\n1,2,a\n", "expected the columns PCA_1..PCA_2,target."),
        (
            "PCA_1,PCA_2,target\n1,2,a\n1,x,a\n",
            "line 3: a cell holds no finite number.",
        ),
        ("PCA_1,PCA_2,target\n1,,a\n", "line 2: a cell holds no finite number."),
        ("PCA_1,PCA_2,target\n1,inf,a\n", "line 2: a cell holds no finite number."),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path, content, sentence):
    (tmp_path / "some.csv").write_text(content)
    with pytest.raises(InvalidDataset) as refusal:
        read_vectors(tmp_path / "some.csv", COLUMNS, "here")
    assert sentence in str(refusal.value)


def test_a_negative_zero_stays_one():
    assert math.copysign(1, round_trip(make(["a"], [[-0.0, 1.0]])).values[0, 0]) == -1
