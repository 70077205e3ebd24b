"""Lists what stands in each image of ours: `make sbom` writes sbom/boucle-*.cdx.json (CycloneDX).

`python -m scripts.supply_chain.sbom [--folder sbom] [IMAGE ...]`. Python's packages and Debian's,
each with its version, as the image has them; so build it first.
"""

import argparse
import json
import subprocess
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.cli.command import CommandError, run

IMAGES = tuple(
    f"boucle-{part}" for part in ("serving", "scripts", "exporter", "reporting", "webapp")
)
PYTHON = """
import importlib.metadata, json
found = importlib.metadata.distributions()
print(json.dumps(sorted({(one.name.lower().replace("_", "-"), one.version) for one in found})))
"""
DEBIAN = ("dpkg-query", "--show", "--showformat", "${Package}\\t${Version}\\n")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.supply_chain.sbom", description=__doc__
    )
    parser.add_argument("--folder", type=Path, default=Path("sbom"))
    parser.add_argument(
        "images", nargs="*", metavar="IMAGE", help="all of ours, unless some are named"
    )
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for image in options.images or IMAGES:
        listed = describe(image)
        path = options.folder / f"{image.replace('/', '_').replace(':', '_')}.cdx.json"
        path.write_text(json.dumps(listed, indent=1) + "\n")
        print(f"{path}: {len(listed['components'])} packages")


def describe(image: str) -> dict[str, Any]:
    digest = ask("image", "inspect", "--format", "{{.Id}}", image).strip()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": {"type": "container", "name": image, "version": digest},
        },
        "components": [*python_packages(image), *debian_packages(image)],
    }


def python_packages(image: str) -> Iterator[dict[str, str]]:
    for name, version in json.loads(ask("run", "--rm", image, "python", "-c", PYTHON)):
        yield _component(name, version, f"pkg:pypi/{name}@{version}")


def debian_packages(image: str) -> Iterator[dict[str, str]]:
    for line in ask("run", "--rm", image, *DEBIAN).splitlines():
        name, _, version = line.partition("\t")
        yield _component(name, version, f"pkg:deb/debian/{name}@{version}")


def _component(name: str, version: str, purl: str) -> dict[str, str]:
    return {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}


def ask(*command: str) -> str:
    done = subprocess.run(["docker", *command], stdout=subprocess.PIPE, text=True, check=False)  # nosec B607
    if done.returncode != 0:
        raise CommandError("Docker did not answer; the reason stands above.")
    return done.stdout


if __name__ == "__main__":
    run(main)
