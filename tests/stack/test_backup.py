"""The commands of docs/stack.md bring a stack back that was lost with all its volumes."""

import os
import re
import subprocess

import pytest

from tests.stack.containers import SERVING, compose, get, sql
from tests.support.processes.servers import ROOT

pytestmark = pytest.mark.stack


def run_documented(place):
    """The commands of one block of that section, as they stand there."""
    section = (ROOT / "docs/stack.md").read_text().split("## Backup and restore")[1]
    commands = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)[place]
    own = {name: text for name, text in os.environ.items() if not name.startswith("BOUCLE_")}
    subprocess.run(["bash", "-ec", commands], cwd=ROOT, env=own, check=True)


def remember():
    """Records, the live version and the keys."""
    show = (
        "run",
        "--rm",
        "--no-deps",
        "-T",
        "prepare",
        "python",
        "scripts/stack/stack_secrets.py",
        "--show",
    )
    counts = sql("select (select count(*) from predictions), (select count(*) from feedback)")
    return counts, get(f"{SERVING}/model")["version"], compose(*show)


def test_a_backup_brings_back_what_was_lost_with_its_volumes():
    before = remember()
    assert before[0] != "0|0"
    run_documented(0)
    compose("down", "--volumes", "--timeout", "5")
    run_documented(1)
    compose("up", "--detach", "--wait", "serving-api")
    assert remember() == before
