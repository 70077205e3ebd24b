"""Two dated files as pandas sees them: a column is what the reference says it is."""

import numpy as np

from reporting.batch.files import read_batches


def test_numbers_are_read_as_people_write_them(tmp_path):
    before, now = tmp_path / "2024-01.csv", tmp_path / "2024-02.csv"
    before.write_text("loyer;ville;y\n1 234,50 €;Lyon;a\n510,25 €;Nice;b\n;Nice;b\n")
    now.write_text("loyer;ville;y\n600,00 €;Lyon;a\nrien;Nice;b\n")
    pair = read_batches(before, now, ["y"], [])
    assert np.array_equal(pair.reference["loyer"], [1234.5, 510.25, np.nan], equal_nan=True)
    assert np.array_equal(pair.current["loyer"], [600, np.nan], equal_nan=True)
    assert pair.reference["ville"].tolist() == ["Lyon", "Nice", "Nice"]


def test_dates_are_left_out_and_named(tmp_path):
    before, now = tmp_path / "2024-01.csv", tmp_path / "2024-02.csv"
    before.write_text("since,x,y\n2024-01-03,1,a\n2024-01-31,2,b\n")
    now.write_text("since,x,y\n2024-02-03,1,a\n2024-02-28,2,b\n")
    pair = read_batches(before, now, ["y"], [])
    assert list(pair.reference) == ["x"]
    assert [left.title for left in pair.left_out] == ["Column since"]
