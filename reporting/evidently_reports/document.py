"""A report: Evidently's sections below a summary of ours, as one run, one page, one JSON file."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from evidently.core.metric_types import MetricResult, render_widgets
from evidently.core.report import Snapshot
from evidently.core.serialization import ReportModel, SnapshotModel
from evidently.legacy.model.widget import BaseWidgetInfo
from evidently.legacy.renderers.html_widgets import CounterData, counter, table_data

from pipeline.durable_files import write_atomic
from reporting.evidently_reports.sections import OmittedSection

CHARSET = '<meta charset="UTF-8">'  # after it Evidently's page has no title
# The script that holds the data. Evidently writes it as JSON and leaves < as it is, so a category
# could end the script and begin one of its own; a raw new line is in no JSON, so the end is known.
DATA = re.compile(r"(?<=<script>)\n    var metric_.*?;\n(?=</script>\n    </head>)", re.DOTALL)
SCRIPT = re.compile(r"^ *<script>", re.MULTILINE)
POLICY = (
    "default-src 'none'; script-src 'nonce-{}'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Report:
    """`run` is None when Evidently had nothing to draw."""

    at: datetime
    run: SnapshotModel | None
    widgets: list[BaseWidgetInfo]
    facts: Mapping[str, Any]
    left_out: Sequence[OmittedSection]

    def html(self) -> bytes:
        return secure(render_widgets(self.widgets)).encode()

    def json(self) -> bytes:
        drawn = {} if self.run is None else Snapshot.load_model(self.run).dict()
        left_out = {left.title: left.reason for left in self.left_out}
        content = {"at": self.at, **self.facts, "left_out": left_out, "evidently": drawn}
        return msgspec.json.format(msgspec.json.encode(content, enc_hook=_as_plain), indent=1)

    def write(self, folder: Path, *names: str) -> None:
        """The page and the data, under each of the names."""
        for suffix, content in ((".html", self.html()), (".json", self.json())):
            for name in names:
                write_atomic(folder / f"{name}{suffix}", content)


def compose(
    name: str,
    at: datetime,
    summary: Sequence[BaseWidgetInfo],
    drawn: Iterable[tuple[str, SnapshotModel | OmittedSection]],
    results: Mapping[str, MetricResult],
    facts: Mapping[str, Any],
) -> Report:
    """One run of all the sections that could be drawn; Evidently keeps `at` without a zone."""
    sections = list(drawn)
    whole = [(title, section) for title, section in sections if isinstance(section, SnapshotModel)]
    left_out = [section for _, section in sections if isinstance(section, OmittedSection)]
    widgets = [*summary, *([missing_parts(left_out)] if left_out else [])]
    for title, section in whole:
        widgets += [*([heading(title)] if title else []), *section.widgets]
    metrics = dict(results)
    for _, section in whole:
        metrics.update(section.metric_results)
    run = SnapshotModel(
        report=ReportModel(items=[]),
        name=name,
        timestamp=at.replace(tzinfo=None),
        metadata={},
        tags=[],
        metric_results=metrics,
        top_level_metrics=list(metrics),
        widgets=widgets,
        tests_widgets=[],
    )
    return Report(at, run if whole else None, widgets, facts, left_out)


def secure(page: str) -> str:
    """Evidently's page with a title, in which only its own scripts run."""
    escaped, found = DATA.subn(lambda data: data[0].replace("<", "\\u003c"), page)
    if found != 1:
        raise ValueError("Evidently's page is not what `document.py` knows how to escape")
    nonce = secrets.token_urlsafe(16)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY.format(nonce)}">'
    titled = escaped.replace(CHARSET, f"{CHARSET}{policy}<title>Boucle</title>", 1)
    return SCRIPT.sub(f'<script nonce="{nonce}">', titled)


def heading(text: str) -> BaseWidgetInfo:
    return counter(counters=[CounterData("", text)])


def numbers(counters: Mapping[str, str]) -> BaseWidgetInfo:
    return counter(counters=[CounterData(label, value) for label, value in counters.items()])


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> BaseWidgetInfo:
    return table_data(title=title, column_names=list(columns), data=[list(row) for row in rows])


def missing_parts(left_out: Iterable[OmittedSection]) -> BaseWidgetInfo:
    rows = [(left.title, left.reason) for left in left_out]
    return table("Left out of this report", ("part", "why"), rows)


def _as_plain(value: Any) -> Any:
    """What JSON does not know by itself."""
    if isinstance(value, np.generic):
        return value.item()
    return str(value)
