"""Serving as the course starts it: `cd serving && uvicorn api:app`.

It is the same application without the fast path, which only `python -m serving` puts in front.
"""

import os
from pathlib import Path
from typing import Any

from serving.application import create_app


def __getattr__(name: str) -> Any:
    """`app`, made when uvicorn asks for it: that opens the store and reads the keys."""
    if name != "app":
        raise AttributeError(name)
    os.chdir(Path(__file__).parent.parent)  # where config.toml is, and all that it names
    return create_app()
