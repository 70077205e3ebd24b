"""A digest as a real registry tells it, and an image pulled by it."""

import shutil
import subprocess

import httpx
import pytest

from scripts.cli.command import CommandError
from scripts.supply_chain.pin_images import ask
from tests.support.processes.servers import free_port, wait_for

pytestmark = pytest.mark.stack
CONFIG = """
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


def docker(*arguments):
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def answers(address):
    try:
        return httpx.get(address).is_success
    except httpx.ConnectError:
        return False


@pytest.fixture
def registry(tmp_path):
    program = shutil.which("docker-registry")
    if program is None:
        pytest.skip("needs docker-registry, a package of Debian")
    port = free_port()
    config = tmp_path / "registry.yml"
    config.write_text(CONFIG.format(folder=tmp_path / "images", port=port))
    process = subprocess.Popen([program, "serve", str(config)], stderr=subprocess.DEVNULL)
    wait_for(lambda: answers(f"http://127.0.0.1:{port}/v2/"))
    yield f"127.0.0.1:{port}"
    process.terminate()
    process.wait()


def test_the_digest_of_a_tag_names_the_same_image(registry):
    tag = f"{registry}/base:1.0"
    docker("tag", "python:3.13-slim", tag)
    docker("push", tag)
    pinned = f"{tag}@{ask(tag)}"
    docker("pull", "--quiet", pinned)
    pulled, base = (docker("image", "inspect", "--format={{.Id}}", one) for one in (pinned, tag))
    assert pulled == base
    docker("image", "rm", tag)


def test_a_tag_that_nobody_has_is_named(registry):
    with pytest.raises(CommandError, match=r"digest of .*/none:1.0"):
        ask(f"{registry}/none:1.0")
