"""One pass: the latest rows against the live version's reference. Run by the exporter."""

import logging
import time
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.data.observed import Observed
from pipeline.history.drift_log import Move, note_drift
from pipeline.registry.registry import ModelRegistry
from pipeline.setting_tables import ReportingSettings
from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.dataset_drift import DatasetDrift
from reporting.drift.diagnosis import TITLES, Diagnosis, Kind
from reporting.drift.error_drift import ConceptDrift
from reporting.insufficient import Insufficient
from reporting.monitoring.alarm import Alarms, Confirmation
from reporting.monitoring.checks import CheckResults, diagnose_window, find
from reporting.monitoring.memory import Memory, MemoryFile
from reporting.windows.current_window import CurrentWindow, read_window
from reporting.windows.expected_errors import ExpectedErrors
from reporting.windows.labelled_rows import id_of, last_labelled, read_labelled
from reporting.windows.reference_window import ReferenceWindow, load_reference_window

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PassResult:
    wanted: ReportingSettings
    baseline: ReferenceWindow
    window: CurrentWindow
    found: CheckResults
    errors: ConceptDrift | Insufficient
    drift: Alarms
    target: Confirmation
    diagnosis: Diagnosis


class ModelMonitor:
    """Looks at the latest rows, and remembers what outlasts a pass."""

    def __init__(self, engine: Engine, artifacts: ModelRegistry, wanted: ReportingSettings) -> None:
        self._engine = engine
        self._artifacts = artifacts
        self._wanted = wanted
        self._expected = ExpectedErrors(artifacts)
        self._live_history: list[str] = []
        self._baseline: ReferenceWindow | None = None
        self._observed: Observed
        self._file = MemoryFile(wanted.reports, engine)
        self._memory: Memory | None = None
        self._held: frozenset[str] = frozenset()
        self._diagnosed: Kind = "none"
        self._noted: tuple[str, ...] | None = None  # what is in the store already

    def run_pass(self) -> PassResult:
        """What the latest rows say; UntrustedArtifact while there is no version."""
        baseline = self._load_baseline()
        memory = self._recall(baseline)
        errors = self._add_errors(baseline, memory)
        wanted = self._wanted
        kind = (baseline.embedding_id, baseline.version, self._observed)
        window = read_window(self._engine, *kind, wanted.window, wanted.window_spread)
        found = find(baseline, window, wanted)
        _update_alarms(memory, found, window)
        self._count_news(memory, found, errors)
        self._file.save(memory)
        self._note_drift(memory, found)
        diagnosis = diagnose_window(baseline, window, found, errors, wanted)
        if diagnosis.kind != self._diagnosed:
            self._diagnosed = diagnosis.kind
            log.info("%s: %s. %s", TITLES[diagnosis.kind], diagnosis.evidence, diagnosis.advice)
        alarms = (memory.drift, memory.target)
        return PassResult(wanted, baseline, window, found, errors, *alarms, diagnosis)

    def _note_drift(self, memory: Memory, found: CheckResults) -> None:
        """For the curves of the page and the events. A store that takes nothing now costs only a
        point of them."""
        held = tuple(sorted(memory.drift.held))
        if held == self._noted:
            return
        seen = {}
        if isinstance(found.drift, DatasetDrift):
            seen = {one.name: Move(one.effect, one.words) for one in found.drift.columns}
        try:
            with self._engine.begin() as connection:
                note_drift(connection, time.time(), {name: seen.get(name, Move()) for name in held})
        except SQLAlchemyError as error:
            log.warning("What drifted is not written down: %s", str(error).splitlines()[0])
        else:
            self._noted = held

    def _load_baseline(self) -> ReferenceWindow:
        """The live version's, loaded anew when another version went live."""
        live_history = self._artifacts.live_history()
        if self._baseline is None or live_history != self._live_history:
            self._baseline = load_reference_window(self._artifacts, self._wanted.minimum_rows)
            self._observed = Observed(self._baseline.schema)
            self._live_history = live_history
        return self._baseline

    def _recall(self, baseline: ReferenceWindow) -> Memory:
        if self._memory is None:
            self._memory = self._file.recall()
            if self._memory.errors.last_seq is None:  # what is older is nobody's news
                last = last_labelled(self._engine)
                self._memory.errors.last_seq = max(0, last - self._wanted.window)
                self._memory.version = baseline.version
        if self._memory.version != baseline.version:
            self._memory.promote(baseline.version)
        return self._memory

    def _add_errors(self, baseline: ReferenceWindow, memory: Memory) -> ConceptDrift | Insufficient:
        """Rows that any version predicted, whose labels came since the last pass."""
        after = memory.errors.last_seq or 0
        rows = read_labelled(self._engine, after, baseline.version, self._expected)
        memory.errors.update(rows)
        memory.last_id = id_of(self._engine, memory.errors.last_seq or 0)
        return memory.errors.state(baseline.version, self._wanted.least_labelled)

    def _count_news(
        self, memory: Memory, found: CheckResults, errors: ConceptDrift | Insufficient
    ) -> None:
        """What began since the last pass is shown in a report while it can be seen."""
        held = set(memory.drift.held)
        if isinstance(found.drift, DatasetDrift):
            held.add("enough rows")
        if memory.target.holds:
            held.add("target drift")
        if isinstance(errors, ConceptDrift) and errors.detected:
            held.add("concept drift")
        memory.news += bool(held - self._held)
        self._held = frozenset(held)


def _update_alarms(memory: Memory, found: CheckResults, window: CurrentWindow) -> None:
    """An alarm holds when the next window that shares no row with this one drifts too."""
    if isinstance(found.drift, DatasetDrift):
        seqs = window.predicted.seqs
        drifted = {column.name: column.drifted for column in found.drift.columns}
        silent = found.drift.insufficient
        memory.drift = memory.drift.after(seqs[0], seqs[-1], drifted, time.time(), silent)
    if isinstance(found.target, LabelDrift):
        seqs = window.labelled.seqs
        memory.target = memory.target.after(seqs[0], seqs[-1], found.target.drifted)
