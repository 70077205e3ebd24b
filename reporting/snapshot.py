"""Makes one full report of the live version: `python -m reporting.snapshot`, run now and then."""

import logging
import os
import sys
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError

from pipeline.data.observed import Observed
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.registry import open_registry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.setting_tables import ReportingSettings
from pipeline.settings import InvalidSetting, Settings, load_settings
from pipeline.store.database import connect
from reporting.drift.error_drift import ErrorRateMonitor
from reporting.evidently_reports.dashboard import as_results, figures_of
from reporting.evidently_reports.document import Report, compose
from reporting.evidently_reports.feature_importance import Needs, draw_needs, facts_of, read_needs
from reporting.evidently_reports.live_sections import sections_of
from reporting.evidently_reports.quality_over_time import draw_days, draw_errors
from reporting.evidently_reports.sections import draw
from reporting.evidently_reports.summary import summarise
from reporting.monitoring.checks import diagnose_window, find
from reporting.monitoring.memory import MemoryFile
from reporting.project import open_project
from reporting.subprocesses import ALONE, heed_parent
from reporting.windows.current_window import CurrentWindow, read_window
from reporting.windows.expected_errors import ExpectedErrors
from reporting.windows.quality_history import QualityHistory, read_days, read_error_curve
from reporting.windows.reference_window import ReferenceWindow, load_reference_window

log = logging.getLogger("reporting.snapshot")
LATEST = "latest"
KEEP_DATED = 7  # reports beside the latest; each is 5 MB


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    os.environ.update(ALONE)
    heed_parent(sys.argv)
    try:
        settings = load_settings()
        report = make_report(settings, datetime.now(UTC))
    except (InvalidSetting, UntrustedArtifact, ObjectsUnavailable) as error:
        sys.exit(f"No report: {error}")
    except SQLAlchemyError as error:
        sys.exit(f"No report: the store cannot be read: {str(error).splitlines()[0]}")
    keep(report, settings.reporting)


def make_report(settings: Settings, at: datetime) -> Report:
    """Compare the latest window with the live version's reference.

    UntrustedArtifact while none is live.
    """
    wanted = settings.watching
    artifacts = open_registry(settings.artifacts)
    baseline = load_reference_window(artifacts, wanted.minimum_rows)
    engine = connect(settings.store)
    observed = Observed(baseline.schema)
    kind = (baseline.embedding_id, baseline.version, observed)
    window = read_window(engine, *kind, wanted.window, wanted.window_spread)
    errors = MemoryFile(wanted.reports, engine).recall().errors
    needs = read_needs(artifacts, baseline.version)
    history = QualityHistory(
        read_error_curve(engine, ExpectedErrors(artifacts), baseline.version),
        read_days(engine, baseline.calibration, baseline.version, at),
    )
    return report_on(baseline, window, wanted, at, needs, errors, history)


def report_on(
    baseline: ReferenceWindow,
    window: CurrentWindow,
    wanted: ReportingSettings,
    at: datetime,
    needs: Needs | None = None,
    monitor: ErrorRateMonitor | None = None,
    history: QualityHistory | None = None,
) -> Report:
    """`monitor` knows the errors that the exporter has seen."""
    found = find(baseline, window, wanted)
    seen = monitor or ErrorRateMonitor()
    errors = seen.state(baseline.version, wanted.least_labelled)
    diagnosis = diagnose_window(baseline, window, found, errors, wanted)
    facts = {
        "version": baseline.version,
        "rows": {
            "predictions": len(window.predicted.seqs),
            "labelled": len(window.labelled.seqs),
            "reference": len(baseline.targets),
        },
        "drift": found.drift,
        "target_drift": found.target,
        "prediction_drift": found.prediction,
        "scores": found.scores,
        "expected_scores": found.expected,
        "expected_without_labels": found.foretold,
        "quality": found.quality,
        "concept_drift": errors,
        "diagnosis": diagnosis,
        **({} if history is None else vars(history)),
        **({} if needs is None else facts_of(needs)),
    }
    sections = sections_of(baseline, window, found, wanted)
    drawn = [(section.heading, draw(section, at)) for section in sections]
    summary = [
        *summarise(baseline, window, found, errors, diagnosis),
        *([] if history is None else draw_errors(history.errors_over_time, errors)),
        *([] if history is None else draw_days(history.quality_by_day)),
        *([] if needs is None else draw_needs(needs)),
    ]
    results = as_results(figures_of(found))
    return compose(f"version {baseline.version}", at, summary, drawn, results, facts)


def keep(report: Report, wanted: ReportingSettings) -> None:
    """Put the run into the project and the latest page into the folder of reports."""
    for left in report.left_out:
        log.info("%s is left out: %s", left.title, left.reason)
    names = [LATEST]
    if report.run is not None:
        open_project(wanted).add(report.run)
        names.append(f"{report.at:%Y-%m-%dT%H-%M-%S}")
    report.write(wanted.reports, *names)
    for old in sorted(wanted.reports.glob("2*T*.html"))[:-KEEP_DATED]:
        old.unlink()
        old.with_suffix(".json").unlink(missing_ok=True)
    log.info("The latest report stands in %s", wanted.reports / f"{LATEST}.html")


if __name__ == "__main__":
    main()
