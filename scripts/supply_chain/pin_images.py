"""Pins the images of others to what their tags name today: `make pin`, then commit what changed.

A tag may be moved to another image, a digest cannot. Asks the registries, so it needs the network.
Run it again after a tag was changed, or to take what was mended under the same one.
"""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from scripts.cli.command import CommandError, run

ROOT = Path(__file__).parents[2]
FILES = [
    f"{folder}/{name}" for folder in ("*", "*/*") for name in ("Dockerfile", "docker-compose.yml")
]
FILES += ["compose/*.yml"]
NAMED = re.compile(  # ours have no tag
    r"^(?P<before>FROM |\s+image: )(?P<tag>[\w./:-]+:[\w.-]+)(@sha256:[0-9a-f]{64})?(?=\s|$)", re.M
)
DIGEST = re.compile(r"^Digest:\s+(sha256:[0-9a-f]{64})$", re.M)


def main() -> None:
    digests: dict[str, str] = {}
    for path in (path for pattern in FILES for path in sorted(ROOT.glob(pattern))):
        text = path.read_text()
        for found in NAMED.finditer(text):
            tag = found["tag"]
            if tag not in digests:
                digests[tag] = ask(tag)
                print(f"{tag}@{digests[tag]}", flush=True)
        path.write_text(pin(text, digests.__getitem__))


def pin(text: str, digest_of: Callable[[str], str]) -> str:
    return NAMED.sub(
        lambda found: f"{found['before']}{found['tag']}@{digest_of(found['tag'])}", text
    )


def ask(tag: str) -> str:
    """The digest of all kinds of machine together, where there are several."""
    command = ["docker", "buildx", "imagetools", "inspect", tag]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = DIGEST.search(done.stdout)
    if done.returncode != 0 or found is None:
        raise CommandError(f"The registry does not tell the digest of {tag}: {done.stderr.strip()}")
    return found[1]


if __name__ == "__main__":
    run(main)
