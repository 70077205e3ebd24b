"""A dashboard: titled rows of panels, laid out on Grafana's grid of 24 columns."""

from collections.abc import Sequence
from dataclasses import dataclass

from grafana.panels import Json, Panel

COLUMNS = 24


@dataclass(frozen=True)
class Row:
    """Panels side by side under a heading; what does not fit goes on the next line."""

    title: str
    height: int
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Board:
    """`uid` stands in links and must not change."""

    uid: str
    title: str
    description: str
    rows: Sequence[Row]

    def as_json(self) -> Json:
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["boucle"],
            "schemaVersion": 41,
            "version": 1,
            "editable": False,
            "refresh": "15s",
            "time": {"from": "now-1h", "to": "now"},
            "timezone": "browser",
            "graphTooltip": 1,
            "links": [
                {
                    "type": "dashboards",
                    "tags": ["boucle"],
                    "title": "Boucle",
                    "asDropdown": False,
                    "keepTime": True,
                }
            ],
            "templating": {"list": []},
            "annotations": {"list": []},
            "panels": self._panels(),
        }

    def _panels(self) -> list[Json]:
        placed: list[Json] = []
        top = 0
        for row in self.rows:
            heading = {"h": 1, "w": COLUMNS, "x": 0, "y": top}
            number = len(placed) + 1
            title = {"id": number, "type": "row", "title": row.title, "collapsed": False}
            placed.append({**title, "gridPos": heading, "panels": []})
            top, left = top + 1, 0
            for panel in row.panels:
                if left + panel.width > COLUMNS:
                    top, left = top + row.height, 0
                place = {"h": row.height, "w": panel.width, "x": left, "y": top}
                placed.append(panel.as_json(len(placed) + 1, place))
                left += panel.width
            top += row.height
        return placed
