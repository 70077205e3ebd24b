"""One pass: the latest rows against the live version's reference. Run by the exporter."""

from dataclasses import dataclass

from sqlalchemy import Engine

from pipeline.registry.registry import Artifacts
from pipeline.setting_tables import ReportingSettings
from reporting.drift.categorical_tests import ShareDrift
from reporting.drift.dataset_drift import DatasetDrift
from reporting.drift.error_drift import ConceptDrift, ErrorMonitor
from reporting.insufficient import Insufficient
from reporting.monitoring.alarm import Alarm
from reporting.monitoring.checks import Findings, find
from reporting.windows.current_window import Window, read_window
from reporting.windows.reference_window import Baseline, load_baseline


@dataclass(frozen=True)
class PassResult:
    baseline: Baseline
    window: Window
    found: Findings
    errors: ConceptDrift | Insufficient
    drift: Alarm
    target: Alarm


class ModelMonitor:
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

    def run_pass(self) -> PassResult:
        """What the latest rows say; Refused while there is no version."""
        baseline = self._reload_after_promotion()
        window = read_window(
            self._engine, baseline.embedding_id, baseline.version, self._wanted.window
        )
        found = find(baseline, window, self._wanted)
        self._update_alarms(found, window)
        self.has_enough = isinstance(found.drift, DatasetDrift)
        errors = self._add_errors(window)
        return PassResult(baseline, window, found, errors, self._drift, self._target)

    def _reload_after_promotion(self) -> Baseline:
        """Load the baseline anew when another version went live: it errs otherwise."""
        lineage = self._artifacts.lineage()
        if self._baseline is not None and lineage == self._lineage:
            return self._baseline
        wanted = self._wanted
        loaded = load_baseline(self._artifacts, wanted.drift_methods, wanted.minimum_rows)
        if self._baseline is None:
            self._errors = ErrorMonitor(loaded.error, wanted.least_labelled)
        elif loaded.version != self._baseline.version:
            self._read_remaining_errors(self._baseline)
            self._errors.promote(loaded.error)
            self._drift, self._target = self._drift.promote(), self._target.promote()
        self._baseline, self._lineage = loaded, lineage
        return loaded

    def _read_remaining_errors(self, baseline: Baseline) -> None:
        """What was said of the version before since the last pass still counts."""
        window = read_window(
            self._engine, baseline.embedding_id, baseline.version, self._wanted.window
        )
        self._add_errors(window)

    def _add_errors(self, window: Window) -> ConceptDrift | Insufficient:
        return self._errors.update(window.labelled.own_errors)

    def _update_alarms(self, found: Findings, window: Window) -> None:
        """An alarm holds when the next window that shares no row with this one drifts too."""
        if isinstance(found.drift, DatasetDrift):
            seqs = window.predicted.seqs
            self._drift = self._drift.after(seqs[0], seqs[-1], found.drift.drifted)
        if isinstance(found.target, ShareDrift):
            seqs = window.labelled.seqs
            self._target = self._target.after(seqs[0], seqs[-1], found.target.drifted)
