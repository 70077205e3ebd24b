"""Makes one full report of the live version: `python -m reporting.snapshot`, run now and then."""

import logging
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pandas as pd
from evidently.core.serialization import SnapshotModel
from sqlalchemy.exc import SQLAlchemyError

from pipeline.artifacts import open_artifacts
from pipeline.schema import Schema
from pipeline.seal import Refused
from pipeline.settings import ReportingSettings, Settings, WrongSetting, load_settings
from pipeline.store import open_store
from reporting.baseline import Baseline, load_baseline
from reporting.drift import RESIDUAL, DatasetDrift
from reporting.findings import Findings, columns_of, find
from reporting.insufficient import Insufficient
from reporting.panels import as_results, figures_of
from reporting.parts import classification, column_drift, data_summary, label_drift, one_drift
from reporting.processes import ALONE
from reporting.project import open_project
from reporting.report import Report, compose
from reporting.sections import LeftOut, Section, draw
from reporting.summary import summarise
from reporting.window import Predicted, Window, read_window

log = logging.getLogger("reporting.snapshot")
LATEST = "latest"
NICE = 10  # a report may wait, an answer may not
KEEP_DATED = 7  # reports beside the latest; each is 5 MB


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    os.environ.update(ALONE)
    os.nice(NICE)
    try:
        settings = load_settings()
        report = make_report(settings, datetime.now(UTC))
    except (WrongSetting, Refused) as error:
        sys.exit(f"No report: {error}")
    except SQLAlchemyError as error:
        sys.exit(f"No report: the store cannot be read: {str(error).splitlines()[0]}")
    keep(report, settings.reporting)


def make_report(settings: Settings, at: datetime) -> Report:
    """Compare the latest window with the live version's reference; Refused while none is live."""
    wanted = settings.reporting
    artifacts = open_artifacts(settings.artifacts)
    baseline = load_baseline(artifacts, wanted.drift_methods, wanted.minimum_rows)
    engine = open_store(settings.store)
    window = read_window(engine, baseline.embedding_id, baseline.version, wanted.window)
    return report_on(baseline, window, wanted, at)


def report_on(
    baseline: Baseline, window: Window, wanted: ReportingSettings, at: datetime
) -> Report:
    found = find(baseline, window, wanted)
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
        "quality": found.quality,
    }
    drawn = list(_draw(baseline, window, found, wanted.alarm_share, at))
    summary = summarise(baseline, window, found)
    results = as_results(figures_of(found))
    return compose(f"version {baseline.version}", at, summary, drawn, results, facts)


def _draw(
    baseline: Baseline, window: Window, found: Findings, share: float, at: datetime
) -> Iterator[tuple[str, SnapshotModel | LeftOut]]:
    for section in _sections(baseline, window, found, share):
        yield section.heading, draw(section, at)


def _sections(
    baseline: Baseline, window: Window, found: Findings, share: float
) -> Iterator[Section | LeftOut]:
    rows, labelled = window.predicted, window.labelled
    yield from _drift_sections(baseline, rows, found.drift, share)
    yield label_drift("prediction", found.prediction, rows.predictions, baseline.predictions)
    yield label_drift("target", found.target, labelled.targets, baseline.targets)
    title = "Classification"
    if isinstance(found.scores, Insufficient):
        yield LeftOut(title, found.scores.reason)
    else:
        sides = (labelled, baseline)
        frames = [pd.DataFrame({"target": s.targets, "prediction": s.predictions}) for s in sides]
        yield classification(title, *frames)
    title = "Values of the original features"
    if isinstance(found.quality, Insufficient):
        yield LeftOut(title, found.quality.reason)
    else:
        yield data_summary(title, observations(baseline.schema, rows), None)


def _drift_sections(
    baseline: Baseline, rows: Predicted, found: DatasetDrift | Insufficient, share: float
) -> Iterator[Section | LeftOut]:
    title = "Drift of the vectors"
    if isinstance(found, Insufficient):
        yield LeftOut(title, found.reason)
        return
    features = [column for column in found.columns if column.name != RESIDUAL]
    yield column_drift(title, features, share, columns_of(rows), baseline.columns)
    for column in found.columns:
        if column.name == RESIDUAL:
            yield one_drift("Drift of the residual", column, columns_of(rows), baseline.columns)
    for name, few in found.insufficient.items():
        yield LeftOut(f"Drift of {name}", few.reason)


def observations(schema: Schema, rows: Predicted) -> pd.DataFrame:
    """The original features as columns of numbers or text; what is neither becomes a gap."""
    columns = zip(*rows.observations, strict=True)
    frame = pd.DataFrame(dict(zip((f.name for f in schema.features), columns, strict=True)))
    for feature in schema.features:
        values = frame[feature.name]
        if feature.type in ("number", "integer"):
            frame[feature.name] = pd.to_numeric(values, errors="coerce")
        else:
            frame[feature.name] = values.map(str, na_action="ignore").astype(object)
    return frame


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
