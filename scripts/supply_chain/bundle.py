"""Makes one file from which Boucle installs on a machine without a network: `make bundle`.

`python -m scripts.supply_chain.bundle [--file FILE] [--no-images | --no-wheels] [SERVICE ...]`.
It holds the committed files, wheels for this Python and this kind of machine, and the images of the
stack or of some services and what these stand on. There: unpack it, then `make run`, or `docker
load --input images.tar.gz` and `docker compose up`.
"""

import argparse
import gzip
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.cli.command import CommandError, run

INSIDE, WHEELS, IMAGES = "boucle", "wheels", "images.tar.gz"
REQUIREMENTS = [f"{folder}/requirements.txt" for folder in ("reporting", "scripts", "serving")]
REQUIREMENTS += ["webapp/requirements.txt", "pipeline/extractors/requirements.txt"]


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.supply_chain.bundle", description=__doc__
    )
    parser.add_argument("--file", type=Path, default=Path("boucle.tar"))
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument("--no-images", action="store_true", help="for make run alone")
    parts.add_argument("--no-wheels", action="store_true", help="for docker compose alone")
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="all, unless some are named")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.file.resolve().parent) as name:
        folder = Path(name) / INSIDE
        add_files(folder)
        if not options.no_wheels:
            print("Wheels: a minute or more.", flush=True)
            add_wheels(folder / WHEELS)
        if not options.no_images:
            print("Images: some minutes.", flush=True)
            add_images(folder / IMAGES, options.services)
        with tarfile.open(Path(name) / "whole", "w") as bundle:
            bundle.add(folder, INSIDE)
        (Path(name) / "whole").replace(options.file)
    print(f"{options.file}: {options.file.stat().st_size / 1e6:,.0f} MB. There: {_advice(options)}")


def _advice(options: argparse.Namespace) -> str:
    ways = [] if options.no_wheels else ["make run"]
    if not options.no_images:
        ways.append(f"docker load --input {IMAGES} && docker compose up --detach --wait")
    return f"tar -xf {options.file.name} && cd {INSIDE}, then {', or '.join(ways)}"


def add_files(folder: Path) -> None:
    """What is committed, without what a checkout has gathered."""
    folder.mkdir()
    archive = folder.parent / "files.tar"
    call("git", "archive", "--output", str(archive), "HEAD")
    with tarfile.open(archive) as files:
        files.extractall(folder, filter="data")


def add_wheels(folder: Path) -> None:
    """What `make .venv/installed` and `make media` install, and uv, which installs it."""
    wanted = [part for file in REQUIREMENTS for part in ("--requirement", file)]
    call(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--only-binary", ":all:", "--constraint", "constraints.txt", "--dest", str(folder)),
        *(*wanted, "uv"),
    )


def add_images(file: Path, services: Sequence[str]) -> None:
    """Ours are built, the others pulled where they are not here."""
    call("docker", "compose", "build", "--quiet", *services)
    listed = call("docker", "compose", "config", "--images", *services).split()
    here = call("docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split()
    for image in {one for one in listed if not {one, f"{one}:latest"} & set(here)}:
        call("docker", "pull", "--quiet", image)
    plain = file.with_suffix("")
    call("docker", "save", "--output", str(plain), *sorted(set(listed)))
    with plain.open("rb") as saved, gzip.open(file, "wb", compresslevel=1) as packed:
        shutil.copyfileobj(saved, packed)
    plain.unlink()


def call(*command: str) -> str:
    if shutil.which(command[0]) is None:
        raise CommandError(f"{command[0]} is needed for a bundle, and is not here")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise CommandError(f"{' '.join(command[:3])} failed; the reason stands above")
    return done.stdout


if __name__ == "__main__":
    run(main)
