"""Writes the four dashboards to grafana/json, from where Grafana loads them.

Run it with `make dashboards` after a change; a test holds the files to what this writes.
"""

import json
from pathlib import Path

from grafana import api, drift, infrastructure, model

FOLDER = Path(__file__).parent / "json"
BOARDS = (api.BOARD, model.BOARD, drift.BOARD, infrastructure.BOARD)


def render() -> dict[str, str]:
    """File name and content of each dashboard."""
    return {
        f"{board.uid.removeprefix('boucle-')}.json": json.dumps(board.as_json(), indent=2) + "\n"
        for board in BOARDS
    }


def main() -> None:
    for name, content in render().items():
        (FOLDER / name).write_text(content)


if __name__ == "__main__":
    main()
