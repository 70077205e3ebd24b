"""The process of a retraining, and the lines that it tells its trainer."""

import json
import subprocess
import sys

import pytest

from tests.support.processes.servers import ROOT

NOISY = """
import os, sys
from scripts.retraining.run_training import Lines
lines = Lines()
lines.report("training", 0.5)
print("Iteration 1, loss = 0.6")
os.write(1, b"from a library in C\\n")
lines.say(decision={})
"""


@pytest.mark.slow
def test_what_a_classifier_prints_goes_into_the_log():
    """A line that is no JSON ended the reader, and the trainer waited for half an hour."""
    done = subprocess.run(
        [sys.executable, "-c", NOISY], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"stage": "training", "progress": 0.5},
        {"decision": {}},
    ]
    assert "Iteration 1" in done.stderr
    assert "in C" in done.stderr
