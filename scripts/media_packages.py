"""Asks whether the dataset of the settings needs PyAV that is not there: 0 if so, 1 if not."""

import importlib.util
import sys

from pipeline.datasets.load import needs_pyav
from pipeline.settings import load_settings
from scripts.cli.command import run


def main() -> None:
    lacking = importlib.util.find_spec("av") is None and needs_pyav(load_settings().dataset)
    sys.exit(0 if lacking else 1)


if __name__ == "__main__":
    run(main)
