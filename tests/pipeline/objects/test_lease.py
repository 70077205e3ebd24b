"""Of several processes one has the lease."""

import pytest

from pipeline.objects.lease import Lease
from pipeline.objects.opening import open_objects


@pytest.fixture(params=["folder", "bucket"])
def objects(request, tmp_path):
    if request.param == "folder":
        return open_objects(str(tmp_path))
    return open_objects(f"{request.getfixturevalue('bucket').url}/{tmp_path.name}")


def test_one_has_it_and_may_prolong_it(objects):
    one, other = Lease(objects, "turn"), Lease(objects, "turn")
    assert [one.take(), other.take(), one.take(), other.take()] == [True, False, True, False]


def test_the_next_has_it_once_it_is_given_back(objects):
    one, other = Lease(objects, "turn"), Lease(objects, "turn")
    one.take()
    other.give_back()
    assert not other.take()
    one.give_back()
    assert [other.take(), one.take()] == [True, False]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"other", b"other 1.0", b"other soon"])
def test_one_that_is_over_or_damaged_is_taken(objects, content):
    objects.write("turn", content)
    assert Lease(objects, "turn").take()


def test_who_comes_back_too_late_has_lost_it(objects):
    one, other = Lease(objects, "turn", seconds=0.0), Lease(objects, "turn")
    assert [one.take(), other.take(), one.take()] == [True, True, False]
