import subprocess
import sys

import pytest

from tests.support.processes.servers import ROOT

THREADS = "; import os, time; time.sleep(0.5); print(len(os.listdir('/proc/self/task')))"
QUIET = "import os; os.environ['ORT_DISABLE_TELEMETRY'] = '1'; "


def count_threads(script):
    command = [sys.executable, "-c", script + THREADS]
    environment = {"PYTHONPATH": str(ROOT), "HOME": "/nowhere", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    return int(done.stdout), done.stderr


@pytest.mark.slow
def test_the_scorer_starts_no_thread_that_tells_of_its_use():
    """ONNX Runtime 1.31 has one for telemetry, which cannot be seen but by its being there."""
    usual, quiet = count_threads("import onnxruntime"), count_threads(QUIET + "import onnxruntime")
    assert usual > quiet
    assert count_threads("import pipeline.model.scorer") == quiet
