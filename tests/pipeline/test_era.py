"""What a version keeps of a change of the world."""

import numpy as np

from pipeline.era import AS_GIVEN, NOTHING, Beliefs, Era, amend, read_era

GIVEN = np.array(["a", "b", "a", "b"])
IDS = np.array([1, 4, 6, 9])


def test_only_what_is_believed_otherwise_is_kept():
    amended = amend(IDS, GIVEN, np.array(["a", "c", "", "b"]))
    assert (amended.ids.tolist(), amended.labels.tolist()) == ([4, 6], ["c", ""])
    assert amended.apply(IDS, GIVEN).tolist() == ["a", "c", "", "b"]
    assert amended.apply(np.array([4, 5, 70]), np.array(["b", "b", "b"])).tolist() == [
        "c",
        "b",
        "b",
    ]


def test_a_longer_label_is_kept_whole():
    believed = np.array(["a", "longer", "a", "b"])
    assert amend(IDS, GIVEN, believed).apply(IDS, GIVEN).tolist() == believed.tolist()


def test_where_nothing_is_found_out_all_is_as_given():
    assert NOTHING.apply(IDS, GIVEN).tolist() == GIVEN.tolist()


def test_an_era_reads_back_as_it_was_written():
    now = Beliefs(amend(IDS, GIVEN, GIVEN[::-1]), NOTHING, amend(IDS, GIVEN, np.full(4, "")))
    again = read_era(Era(7, AS_GIVEN, now).to_bytes())
    assert again.since == 7
    for mine, read in ((AS_GIVEN, again.before), (now, again.now)):
        for part, amended in vars(mine).items():
            assert getattr(read, part).ids.tolist() == amended.ids.tolist()
            assert getattr(read, part).labels.tolist() == amended.labels.tolist()
