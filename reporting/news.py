"""How often there was something to report; told by a file, as a report is made by another process.

It stands among what passes remember (`monitoring/memory.py`); this reads it without numpy.
"""

import json
from pathlib import Path

FILE = "monitor.json"


def count_news(folder: Path) -> int:
    """Zero where nothing was remembered yet."""
    try:
        return int(json.loads((folder / FILE).read_bytes()).get("news", 0))
    except (OSError, ValueError, AttributeError, TypeError):
        return 0
