"""The packages of each image are there as wheels for both kinds of machine: nothing is compiled."""

import subprocess
import sys

import pytest

from tests.support.processes.servers import ROOT

IMAGES = ("serving", "scripts", "webapp", "reporting", "reporting/exporter")


@pytest.mark.slow
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("folder", IMAGES)
def test_every_package_of_an_image_has_a_wheel(folder, machine):
    """Asks the registry, as the build of an image would."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--system-certs"]
    command += ["--python-version", "3.13", "--python-platform", f"{machine}-manylinux_2_28"]
    command += ["--only-binary", ":all:", "--constraint", "constraints.txt"]
    done = subprocess.run(
        [*command, f"{folder}/requirements.txt"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
