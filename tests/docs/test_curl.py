"""The curl lines of README.md and docs/api.md work as they are pasted."""

import re
import subprocess

import pytest

from tests.support.processes.servers import ROOT, serving

pytestmark = pytest.mark.slow  # processes that are started, stopped and killed


@pytest.fixture(scope="module")
def server(digits, tmp_path_factory):
    with serving(digits.copy(tmp_path_factory.mktemp("curl"))) as server:
        yield server


def run(server, document):
    """Run the lines of a document in turn, in a folder with the data and the secrets."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", (ROOT / document).read_text(), re.M | re.S)
    script = "\n".join(block for block in blocks if "curl" in block).replace(
        "127.0.0.1:8080", f"127.0.0.1:{server.port}"
    )
    script = script.replace("curl -s ", "curl -sS --fail-with-body -w '\\n' ")
    command = ["bash", "-euo", "pipefail", "-c", script]
    folder = server.installation.folder
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("document", "lines"), [("README.md", 2), ("docs/api.md", 14)])
def test_every_line_is_answered(server, document, lines):
    done = run(server, document)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = (done.stdout + done.stderr).splitlines()
    assert len([line for line in answers if line.startswith("{")]) >= lines


def test_a_seven_is_recognised_and_its_feedback_recorded(server):
    done = run(server, "README.md")
    assert '"prediction":"7"' in done.stderr
    assert '"remaining":' in done.stdout
