"""One pass: the latest rows against the live version's reference. Run by the exporter."""

from collections.abc import Iterator

from prometheus_client.core import Metric
from sqlalchemy import Engine

from pipeline.registry.registry import Artifacts
from pipeline.setting_tables import ReportingSettings
from reporting import figures
from reporting.alarm import Alarm
from reporting.baseline import Baseline, load_baseline
from reporting.concept import ConceptDrift, ErrorMonitor
from reporting.drift import DatasetDrift
from reporting.findings import Findings, find
from reporting.insufficient import Insufficient
from reporting.shares import ShareDrift
from reporting.window import Window, read_window


class Watch:
    """What passes remember: the baseline, the alarms, the errors seen so far."""

    def __init__(self, engine: Engine, artifacts: Artifacts, wanted: ReportingSettings) -> None:
        self._engine = engine
        self._artifacts = artifacts
        self._wanted = wanted
        self._lineage: list[str] = []
        self._baseline: Baseline | None = None
        self._errors = ErrorMonitor(0.0)
        self._drift = Alarm()
        self._target = Alarm()
        self.has_enough = False  # rows for a word on drift

    def look(self) -> list[Metric]:
        """The figures of now; Refused while there is no version."""
        baseline = self._follow()
        window = read_window(
            self._engine, baseline.embedding_id, baseline.version, self._wanted.window
        )
        return list(self._describe(baseline, window))

    def _follow(self) -> Baseline:
        """Load the baseline anew when another version went live: it errs otherwise."""
        lineage = self._artifacts.lineage()
        if self._baseline is not None and lineage == self._lineage:
            return self._baseline
        wanted = self._wanted
        loaded = load_baseline(self._artifacts, wanted.drift_methods, wanted.minimum_rows)
        if self._baseline is None:
            self._errors = ErrorMonitor(loaded.error, wanted.least_labelled)
        elif loaded.version != self._baseline.version:
            self._hear_out(self._baseline)
            self._errors.promote(loaded.error)
            self._drift, self._target = self._drift.promote(), self._target.promote()
        self._baseline, self._lineage = loaded, lineage
        return loaded

    def _hear_out(self, baseline: Baseline) -> None:
        """What was said of the version before since the last pass still counts."""
        window = read_window(
            self._engine, baseline.embedding_id, baseline.version, self._wanted.window
        )
        self._add_errors(window)

    def _add_errors(self, window: Window) -> ConceptDrift | Insufficient:
        return self._errors.update(window.labelled.own_errors)

    def _describe(self, baseline: Baseline, window: Window) -> Iterator[Metric]:
        found = find(baseline, window, self._wanted)
        self._remember(found, window)
        self.has_enough = isinstance(found.drift, DatasetDrift)
        yield from figures.describe_drift(found.drift, self._drift)
        yield from figures.describe_shares("target_drift", found.target, self._target)
        yield from figures.describe_shares("prediction_drift", found.prediction)
        yield from figures.describe_scores(found)
        yield from figures.describe_quality(found.quality, baseline.usual)
        yield from figures.describe_concept(self._add_errors(window), baseline)
        yield from figures.describe_rows(baseline, window)

    def _remember(self, found: Findings, window: Window) -> None:
        """An alarm holds when the next window that shares no row with this one drifts too."""
        if isinstance(found.drift, DatasetDrift):
            seqs = window.predicted.seqs
            self._drift = self._drift.after(seqs[0], seqs[-1], found.drift.drifted)
        if isinstance(found.target, ShareDrift):
            seqs = window.labelled.seqs
            self._target = self._target.after(seqs[0], seqs[-1], found.target.drifted)
