"""Each folder's own compose file starts that part, beside those that run already.

The stack is taken down first and its volumes with it, so these come after all other tests of it.
"""

import pytest

from tests.deployment.test_policy import ROOT, read
from tests.stack.containers import compose, ill, query, services, wait_until
from tests.stack.test_stack import DIGITS, STARTED, decided, predict, tell

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module", autouse=True)
def nothing_runs():
    compose("down", "--volumes", "--timeout", "5")


@pytest.mark.parametrize("folder", ["serving", "webapp", "reporting", "prometheus", "scripts"])
def test_a_part_starts_from_its_own_file(folder):
    """In the order of the course."""
    file = f"{folder}/docker-compose.yml"
    own = STARTED & read(ROOT / file)["services"].keys()
    compose("--file", file, "up", "--detach", *own)
    assert services().keys() >= own


def test_started_one_by_one_they_find_each_other():
    wait_until(lambda: services().keys() >= STARTED and not ill())
    jobs = {"serving-api", "reporting", "node-exporter", "alertmanager"}
    wait_until(lambda: {row["metric"]["job"] for row in query("up == 1")} >= jobs)
    tell(predict(DIGITS.data[:50]), DIGITS.target[:50])
    wait_until(lambda: decided("every 50 rows"))


def test_the_whole_takes_them_over_as_they_are():
    """A part's own file says of its services what the file of the whole says."""
    before = {name: row["ID"] for name, row in services().items()}
    compose("up", "--detach", *STARTED)
    assert {name: row["ID"] for name, row in services().items()} == before
