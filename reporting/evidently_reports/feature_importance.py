"""What the live version needs of each feature, and its change since the parent, for a report."""

import base64
import contextlib
from dataclasses import dataclass
from typing import Any

from evidently.legacy.model.widget import BaseWidgetInfo
from evidently.legacy.renderers.html_widgets import plotly_figure
from plotly import graph_objects

from pipeline.explain.importance import FILE, PICTURE, Importance, compare, read_importance
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import SignedFolder, UntrustedArtifact
from reporting.evidently_reports.document import table

MOST_ROWS = 20
PICTURE_HEIGHT = 400


@dataclass(frozen=True)
class Needs:
    """`changes` is None without a parent to compare with; `picture` is there for images."""

    version: str
    parent: str | None
    importance: Importance
    changes: list[dict[str, Any]] | None
    picture: bytes | None


def read_needs(artifacts: ModelRegistry, version: str) -> Needs | None:
    """None when it was trained without; UntrustedArtifact when the version is damaged."""
    live = artifacts.open(version)
    importance = _read(live)
    if importance is None:
        return None
    parent = live.manifest["parent"]
    before = None
    if parent is not None:
        with contextlib.suppress(UntrustedArtifact):  # it may be pruned by now
            before = _read(artifacts.open(parent))
    return Needs(
        version,
        parent,
        importance,
        None if before is None else compare(before, importance),
        live.read(PICTURE) if PICTURE in live else None,
    )


def _read(version: SignedFolder) -> Importance | None:
    return read_importance(version.read(FILE)) if FILE in version else None


def facts_of(needs: Needs) -> dict[str, Any]:
    return {
        "importance": needs.importance,
        "importance_change": {"since": needs.parent, "features": needs.changes},
    }


def draw_needs(needs: Needs) -> list[BaseWidgetInfo]:
    """A table, the most needed features first, and for images the picture."""
    changes = {change["feature"]: change for change in needs.changes or []}
    ranked = sorted(needs.importance.features, key=lambda feature: -feature.mean)
    rows = [
        (one.feature, f"{one.mean:+.1%}", _say_change(changes.get(one.feature)))
        for one in ranked[:MOST_ROWS]
    ]
    since = f"change since version {needs.parent}" if needs.changes else "change"
    title = f"Importance: {needs.importance.score} that is lost when a feature is shuffled"
    if len(ranked) > MOST_ROWS:
        title += f", the first {MOST_ROWS} of {len(ranked)}"
    drawn = [table(title, ("feature", "lost", since), rows)]
    if needs.picture is not None:
        drawn.append(_show(needs.picture))
    return drawn


def _say_change(change: dict[str, Any] | None) -> str:
    if change is None:
        return "nothing to compare with"
    if not change["change"]:
        return "none"
    said = f"{change['change']:+.1%}"
    return said if change["beyond_noise"] else f"{said}, within chance"


def _show(picture: bytes) -> BaseWidgetInfo:
    source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    figure = graph_objects.Figure(graph_objects.Image(source=source))
    figure.update_layout(height=PICTURE_HEIGHT)
    figure.update_xaxes(visible=False).update_yaxes(visible=False)
    return plotly_figure(title="Importance of each pixel, the lightest most", figure=figure)
