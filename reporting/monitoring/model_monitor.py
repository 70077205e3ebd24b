"""One pass: the latest rows against the live version's reference. Run by the exporter."""

from dataclasses import dataclass

from sqlalchemy import Engine

from pipeline.registry.registry import ModelRegistry
from pipeline.setting_tables import ReportingSettings
from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.dataset_drift import DatasetDrift
from reporting.drift.error_drift import ConceptDrift, ErrorRateMonitor
from reporting.insufficient import Insufficient
from reporting.monitoring.alarm import Confirmation
from reporting.monitoring.checks import CheckResults, find
from reporting.windows.current_window import CurrentWindow, read_window
from reporting.windows.reference_window import ReferenceWindow, load_reference_window


@dataclass(frozen=True)
class PassResult:
    baseline: ReferenceWindow
    window: CurrentWindow
    found: CheckResults
    errors: ConceptDrift | Insufficient
    drift: Confirmation
    target: Confirmation


class ModelMonitor:
    """What passes remember: the baseline, the alarms, the errors seen so far."""

    def __init__(self, engine: Engine, artifacts: ModelRegistry, wanted: ReportingSettings) -> None:
        self._engine = engine
        self._artifacts = artifacts
        self._wanted = wanted
        self._lineage: list[str] = []
        self._baseline: ReferenceWindow | None = None
        self._errors = ErrorRateMonitor(0.0)
        self._drift = Confirmation()
        self._target = Confirmation()
        self.has_enough = False  # rows for a word on drift

    def run_pass(self) -> PassResult:
        """What the latest rows say; UntrustedArtifact while there is no version."""
        baseline = self._reload_after_promotion()
        window = read_window(
            self._engine, baseline.embedding_id, baseline.version, self._wanted.window
        )
        found = find(baseline, window, self._wanted)
        self._update_alarms(found, window)
        self.has_enough = isinstance(found.drift, DatasetDrift)
        errors = self._add_errors(window)
        return PassResult(baseline, window, found, errors, self._drift, self._target)

    def _reload_after_promotion(self) -> ReferenceWindow:
        """Load the baseline anew when another version went live: it errs otherwise."""
        live_history = self._artifacts.live_history()
        if self._baseline is not None and live_history == self._lineage:
            return self._baseline
        wanted = self._wanted
        loaded = load_reference_window(self._artifacts, wanted.drift_methods, wanted.minimum_rows)
        if self._baseline is None:
            self._errors = ErrorRateMonitor(loaded.error, wanted.least_labelled)
        elif loaded.version != self._baseline.version:
            self._read_remaining_errors(self._baseline)
            self._errors.promote(loaded.error)
            self._drift, self._target = self._drift.promote(), self._target.promote()
        self._baseline, self._lineage = loaded, live_history
        return loaded

    def _read_remaining_errors(self, baseline: ReferenceWindow) -> None:
        """What was said of the version before since the last pass still counts."""
        window = read_window(
            self._engine, baseline.embedding_id, baseline.version, self._wanted.window
        )
        self._add_errors(window)

    def _add_errors(self, window: CurrentWindow) -> ConceptDrift | Insufficient:
        return self._errors.update(window.labelled.own_errors)

    def _update_alarms(self, found: CheckResults, window: CurrentWindow) -> None:
        """An alarm holds when the next window that shares no row with this one drifts too."""
        if isinstance(found.drift, DatasetDrift):
            seqs = window.predicted.seqs
            self._drift = self._drift.after(seqs[0], seqs[-1], found.drift.drifted)
        if isinstance(found.target, LabelDrift):
            seqs = window.labelled.seqs
            self._target = self._target.after(seqs[0], seqs[-1], found.target.drifted)
