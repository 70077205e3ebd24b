"""A part of a report, drawn by Evidently alone: one that fails leaves the others whole."""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.core.container import MetricContainer
from evidently.core.metric_types import Metric
from evidently.core.serialization import SnapshotModel

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Section:
    """What Evidently is asked to draw, and of which rows."""

    title: str
    items: Sequence[Metric | MetricContainer]
    definition: DataDefinition
    current: pd.DataFrame
    reference: pd.DataFrame | None = None
    headed: bool = False  # it begins with a heading of its own

    @property
    def heading(self) -> str:
        return "" if self.headed else self.title


@dataclass(frozen=True)
class OmittedSection:
    """A part that the report lacks, and why."""

    title: str
    reason: str
    heading: str = ""


def draw(section: Section | OmittedSection, at: datetime) -> SnapshotModel | OmittedSection:
    """Evidently's part of the report. What it cannot bear is left out with its reason."""
    if isinstance(section, OmittedSection):
        return section
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of division by zero and the like, inside Evidently
            drawn = _run(section, at)
    except Exception as error:
        log.warning("Evidently cannot draw %r: %s", section.title, error, exc_info=error)
        return OmittedSection(section.title, f"Evidently cannot draw it: {error}")
    return _slim(drawn)


def _run(section: Section, at: datetime) -> SnapshotModel:
    rows = [
        None if frame is None else Dataset.from_pandas(frame, section.definition)
        for frame in (section.current, section.reference)
    ]
    return Report(list(section.items)).run(*rows, timestamp=at).to_snapshot_model()


def _slim(drawn: SnapshotModel) -> SnapshotModel:
    """Each metric holds its widgets once more; without them a report is half as large."""
    for result in drawn.metric_results.values():
        result.widget = None
    return drawn
