"""The stack out of a bundle, by an engine that has no image and no network."""

import subprocess
import sys

import pytest

from tests.support.processes.servers import ROOT

pytestmark = pytest.mark.stack
SERVICES = ("serving-api", "webapp")
UNPLUGGED = ("unshare", "--net", "--mount", "bash", "tests/stack/unplugged.sh")


def test_the_stack_comes_up_where_there_is_no_network(tmp_path):
    bundle = tmp_path / "boucle.tar"
    command = [
        sys.executable,
        "-m",
        "scripts.supply_chain.bundle",
        "--no-wheels",
        "--file",
        str(bundle),
    ]
    subprocess.run([*command, *SERVICES], cwd=ROOT, check=True)
    done = subprocess.run(
        [*UNPLUGGED, str(bundle), *SERVICES], cwd=ROOT, capture_output=True, text=True, check=False
    )
    answered = [line for line in done.stdout.splitlines() if line.endswith(" answers")]
    assert len(answered) == 2, done.stdout + done.stderr
