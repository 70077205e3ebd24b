"""Deletes all backups but the latest."""

import argparse
from pathlib import Path

from scripts.cli.command import run

PATTERNS = ("boucle-*.tar.gz", "boucle-*.dump")  # by their names they sort by time


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.maintenance.prune_backups", description=__doc__
    )
    parser.add_argument("--folder", type=Path, default=Path("backups"))
    parser.add_argument("--keep", type=int, default=7, help="so many stay (default: 7)")
    options = parser.parse_args()
    if options.keep < 1:
        parser.error("--keep must be at least 1: the last backup is never deleted")
    for path in old_backups(options.folder, options.keep):
        path.unlink()
        print(f"{path} is deleted.")


def old_backups(folder: Path, keep: int) -> list[Path]:
    return [path for pattern in PATTERNS for path in sorted(folder.glob(pattern))[:-keep]]


if __name__ == "__main__":
    run(main)
