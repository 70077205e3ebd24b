"""`make sbom`: what stands in an image, in the form that scanners read."""

import json
import re
import subprocess
import sys

import pytest

from tests.support.processes.servers import ROOT

pytestmark = pytest.mark.stack
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read()))
"""


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sbom")
    command = [sys.executable, "-m", "scripts.supply_chain.sbom", "--folder", str(folder)]
    subprocess.run([*command, "boucle-serving"], cwd=ROOT, check=True)
    return (folder / "boucle-serving.cdx.json").read_text()


def test_it_is_cyclonedx(listed):
    package = "cyclonedx-python-lib[json-validation]==11.12.0"
    uv = [sys.executable, "-m", "uv", "run", "--quiet", "--no-project", "--system-certs"]
    done = subprocess.run(
        [*uv, "--with", package, "python", "-c", VALIDATE],
        input=listed,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "None\n"


def test_it_names_the_pinned_packages_and_those_of_debian(listed):
    versions = {one["name"]: one["version"] for one in json.loads(listed)["components"]}
    pinned = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "constraints.txt").read_text(), re.M))
    assert versions["numpy"] == pinned["numpy"]
    assert versions["fastapi"] == pinned["fastapi"]
    assert "libc6" in versions
    assert "scikit-learn" not in versions


def test_nothing_is_named_twice(listed):
    names = [one["bom-ref"] for one in json.loads(listed)["components"]]
    assert len(names) == len(set(names))
