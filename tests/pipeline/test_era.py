"""What a version keeps of a change of the world."""

import numpy as np

from pipeline.era import NO_ERA, Era, flags_of, read_era


def test_an_era_reads_back_as_it_was_written():
    era = Era(7, np.array([True, False]), np.array([False]), np.array([3, 5], dtype=np.int64))
    again = read_era(era.to_bytes())
    assert again.since == 7
    for name in ("reference", "holdout", "feedback"):
        assert (getattr(again, name) == getattr(era, name)).all()


def test_what_was_found_out_about_other_rows_says_nothing():
    known = np.array([True, False])
    assert flags_of(known, 2).tolist() == [True, False]
    assert not flags_of(known, 3).any()
    assert not NO_ERA.outdated(3, np.array([1, 2])).any()
