"""The demo over the running stack: PostgreSQL, Prometheus' own alert, and its end."""

import pytest

from tests.stack.containers import compose

pytestmark = pytest.mark.stack


def test_the_demo_sees_the_change_its_alert_and_the_recovery():
    told = compose("--profile", "demo", "run", "--rm", "--no-deps", "-T", "demo")
    for step in ("Detected by", "ConceptDrift fires", "changed, learned"):
        assert step in told
    assert told.splitlines()[-1].split() == ["predictions", "that", "failed", "0"]
