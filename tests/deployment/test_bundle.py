"""`make bundle`: what it holds is enough where there is no network at all."""

import os
import subprocess
import sys

import pytest

from tests.support.processes.servers import ROOT

UNPLUGGED = ("unshare", "--net", "bash", "-euc")  # there is nothing but lo in it


def may_unplug():
    done = subprocess.run([*UNPLUGGED, "ip link set lo up"], capture_output=True, check=False)
    return done.returncode == 0


INSTALL_AND_ASK = """
ip link set lo up
tar -xf "$1" && cd boucle
make .venv/installed
.venv/bin/python scripts/prepare.py
.venv/bin/python scripts/train.py
.venv/bin/python -m serving &
trap 'kill %1; wait' EXIT
.venv/bin/python - <<'PYTHON'
import json, time, urllib.request
row = json.dumps({"features": [5.1, 3.5, 1.4, 0.2]}).encode()
kind = {"content-type": "application/json"}
asked = urllib.request.Request("http://127.0.0.1:8080/predict", row, kind)
for _ in range(300):
    try:
        print("predicted", json.load(urllib.request.urlopen(asked, timeout=5))["prediction"])
        break
    except OSError:
        time.sleep(0.2)
PYTHON
"""


@pytest.mark.slow
@pytest.mark.skipif(not may_unplug(), reason="needs the right to make a network of its own: root")
def test_boucle_installs_trains_and_predicts_without_a_network(tmp_path):
    bundle = tmp_path / "boucle.tar"
    command = [
        sys.executable,
        "-m",
        "scripts.supply_chain.bundle",
        "--no-images",
        "--file",
        str(bundle),
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    own = {"UV_CACHE_DIR": str(tmp_path / "uv"), "PIP_CACHE_DIR": str(tmp_path / "pip")}
    done = subprocess.run(
        [*UNPLUGGED, INSTALL_AND_ASK, "bundle", str(bundle)],
        cwd=tmp_path,
        env={**os.environ, **own, "BOUCLE_DATASET__SOURCE": "iris"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "predicted setosa", done.stdout + done.stderr
