"""Schemathesis takes OpenAPI at its word for as long as SCHEMATHESIS_SECONDS says."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.reliability
SECONDS = os.environ.get("SCHEMATHESIS_SECONDS", "60")
# What is valid hangs on the dataset: how many features there are, and which labels.
LEFT_OUT = "positive_data_acceptance"


def test_schemathesis_finds_no_failure(digits_server, tmp_path):
    url = f"http://127.0.0.1:{digits_server.port}/openapi.json"
    key = digits_server.installation.key("admin")
    command = [sys.executable, "-m", "schemathesis.cli", "run", url, "--max-time", SECONDS]
    command += ["--exclude-checks", LEFT_OUT, "--no-color", "-H", f"Authorization: Bearer {key}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "Fuzzing" in done.stdout
