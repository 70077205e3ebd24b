"""An uploaded table under the names of a schema."""

import pytest

from pipeline.data.schema import Feature, Schema
from serving.errors import Invalid
from serving.scoring.uploaded_csv import read_csv


def schema(*names):
    features = tuple(Feature(name, "number", 0.0, 9.0) for name in names)
    return Schema("tabular", "target", ("no", "yes"), features)


def test_capitals_matter_where_they_alone_tell_columns_apart():
    read = read_csv(schema("Age", "age"), b"age,Age\n1,2\n")
    assert read[0].row == [2, 1]
    with pytest.raises(Invalid, match="lacks 1 column: 'Age'"):
        read_csv(schema("Age", "age"), b"AGE,age\n1,2\n")
    assert read_csv(schema("Age", "income"), b"INCOME,age\n1,2\n")[0].row == [2, 1]
