"""Of recorders on several machines over one bucket one records."""

from scripts.tracking.recorder import leased
from tests.support.models_and_records.places import InBucket


def never():
    return False


def test_one_records_and_the_next_takes_over(bucket, tmp_path):
    versions = InBucket(f"{bucket.url}/{tmp_path.name}", tmp_path)
    one, other = versions.registry.place, versions.elsewhere().place
    with leased(one, never) as has_turn:
        assert has_turn()
        with leased(other, lambda: True) as others_turn:
            assert not others_turn()
    with leased(other, never) as others_turn:
        assert others_turn()
