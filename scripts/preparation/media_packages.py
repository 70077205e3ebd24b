"""Asks whether the dataset of the settings needs PyAV that is not there: 0 if so, 1 if not.

What is wrong with settings or dataset is left to prepare to say. It runs before each `make run`, so
it imports little.
"""

import importlib.util
import sys

from pipeline.datasets.load import needs_pyav
from pipeline.settings import InvalidSetting, load_settings
from pipeline.tables.table import InvalidDataset


def main() -> None:
    try:
        lacking = importlib.util.find_spec("av") is None and needs_pyav(load_settings().dataset)
    except (InvalidSetting, InvalidDataset, OSError):
        lacking = False
    sys.exit(0 if lacking else 1)


if __name__ == "__main__":
    main()
