"""For those who start serving as the course does: `cd serving && uvicorn api:app`.

The same application, without the fast path; `python -m serving` is the whole.
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
