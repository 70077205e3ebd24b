"""Brings a backup back. `make restore FILE=backups/...`; the services must be down.

A backup holds the keys and the versions that are run: to restore one is to trust whoever made it.
One that this installation has not signed needs `--trust`. What there is now is set aside in the
archive folder, its keys too; nothing is deleted.
"""

import argparse
from pathlib import Path

from pipeline.settings import load_settings
from scripts.cli.command import run
from scripts.maintenance.restore_bundle import restore


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.maintenance.restore", description=__doc__
    )
    parser.add_argument("file", type=Path, help="what make backup wrote")
    parser.add_argument(
        "--trust", action="store_true", help="run what it holds, whoever has made it"
    )
    options = parser.parse_args()
    restore(load_settings(), options.file, options.trust)
    print(f"{options.file} is restored. Start the services again.")


if __name__ == "__main__":
    run(main)
