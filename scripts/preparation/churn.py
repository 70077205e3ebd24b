"""Writes the built-in dataset `churn` anew, in other sizes or with drift."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from scripts.preparation.churn_customers import DRIFTS
from scripts.preparation.churn_snapshots import write_snapshots


def make_parser() -> argparse.ArgumentParser:
    """Describe the command."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.preparation.churn",
        description="Write invented monthly snapshots of a video service's customers. "
        "Files of the same names are overwritten.",
    )
    parser.add_argument("--folder", type=Path, default=Path("data/churn"))
    parser.add_argument("--months", type=int, default=6, help="how many, from January 2024 on")
    parser.add_argument("--rows", type=int, default=5000, help="customers in each month")
    parser.add_argument("--drift", choices=DRIFTS, default="none")
    parser.add_argument(
        "--drift-from",
        metavar="YYYY-MM",
        help="the first month that drifts (default: where the second half starts)",
    )
    parser.add_argument("--seed", type=int, default=0)
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command: write the files and name each on a line."""
    parser = make_parser()
    options = vars(parser.parse_args(arguments))
    try:
        paths = write_snapshots(**options)
    except ValueError as error:
        parser.error(str(error))
    except OSError as error:
        parser.error(f"Cannot write to {options['folder']}: {error.strerror}.")
    for path in paths:
        print(path)


if __name__ == "__main__":
    main()
