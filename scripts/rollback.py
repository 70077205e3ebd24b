"""Puts an earlier version live again, with serving up or down. `make rollback VERSION=0001`."""

import argparse

from pipeline.registry.registry import ModelRegistry, open_registry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.settings import Settings, load_settings
from scripts.cli.command import run
from scripts.retraining.manual_activation import note_by_hand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("version", nargs="?", help="without it: the one that was live before")
    options = parser.parse_args()
    settings = load_settings()
    artifacts = open_registry(settings.artifacts)
    wanted = options.version and options.version.zfill(4)
    roll_back(settings, artifacts, wanted or previous(artifacts))


def previous(artifacts: ModelRegistry) -> str:
    live_history = artifacts.live_history()
    if len(live_history) < 2:
        known = ", ".join(artifacts.numbers()) or "none"
        raise UntrustedArtifact(f"No version was live before this one; there are: {known}.")
    return live_history[1]


def roll_back(settings: Settings, artifacts: ModelRegistry, version: str) -> None:
    """Put the version live first: going back is an emergency, the record of it is not."""
    before = artifacts.live_history()
    artifacts.activate(version)
    print(f"Version {version} is live, before it was {before[0] if before else 'none'}.")
    note_by_hand(settings, version, before)


if __name__ == "__main__":
    run(main)
