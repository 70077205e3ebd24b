"""Puts an earlier version live again, with serving up or down. `make rollback VERSION=0001`."""

import argparse

from pipeline.registry.registry import Artifacts, open_artifacts
from pipeline.registry.signed_folder import Refused
from pipeline.settings import Settings, load_settings
from scripts.cli.command import run
from scripts.retraining.manual_activation import note_by_hand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", nargs="?", help="without it: the one that was live before")
    options = parser.parse_args()
    settings = load_settings()
    artifacts = open_artifacts(settings.artifacts)
    wanted = options.version and options.version.zfill(4)
    roll_back(settings, artifacts, wanted or previous(artifacts))


def previous(artifacts: Artifacts) -> str:
    lineage = artifacts.lineage()
    if len(lineage) < 2:
        known = ", ".join(artifacts.numbers()) or "none"
        raise Refused(f"No version was live before this one; there are: {known}.")
    return lineage[1]


def roll_back(settings: Settings, artifacts: Artifacts, version: str) -> None:
    """Put the version live first: going back is an emergency, the record of it is not."""
    before = artifacts.lineage()
    artifacts.activate(version)
    print(f"Version {version} is live, before it was {before[0] if before else 'none'}.")
    note_by_hand(settings, version, before)


if __name__ == "__main__":
    run(main)
