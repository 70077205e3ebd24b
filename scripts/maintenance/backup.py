"""Saves all that cannot be made again in one file, while the services run. `make backup`.

What waits for the store first, then the records: a row that comes in meanwhile is in both, and
taken once. Records before artifacts: what went live meanwhile is then more than they know of,
never less. What the file holds is signed, last of all, so that `make restore` knows its own.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from pipeline.settings import load_settings
from scripts.cli.command import run
from scripts.maintenance.backup_bundle import backup

FOLDER = Path("backups")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.maintenance.backup", description=__doc__
    )
    parser.add_argument("file", nargs="?", type=Path, help="default: a dated one in backups/")
    options = parser.parse_args()
    named = f"boucle-{datetime.now(UTC).strftime('%Y-%m-%dT%H-%M-%S')}.tar.gz"
    file = options.file or FOLDER / named
    backup(load_settings(), file)
    size = file.stat().st_size / 1e6
    print(f"{file} ({size:,.1f} MB) holds records, artifacts, data and secrets: keep it safe.")


if __name__ == "__main__":
    run(main)
