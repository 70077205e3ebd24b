"""Compares two dated files and says whether to retrain: `python -m reporting.batch.compare`.

Started by scripts/monitor_drift.py. The last line is for a scheduler, the exit code too.
"""

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from evidently.legacy.model.widget import BaseWidgetInfo

from pipeline.datasets.built_in import CHURN_FOLDER, CHURN_TARGET
from pipeline.setting_tables import ReportingSettings
from pipeline.settings import InvalidSetting, Settings, load_settings
from pipeline.tables.table import InvalidDataset
from reporting.batch.decision import THRESHOLD, Comparison, Decision
from reporting.batch.files import BatchPair, read_batches
from reporting.drift.categorical_tests import LabelDrift, count_labels, detect_label_drift
from reporting.drift.dataset_drift import DatasetDrift, compare
from reporting.drift.policy import Rule
from reporting.drift.reference_columns import make_family
from reporting.evidently_reports.document import Report, compose, heading, numbers, table
from reporting.evidently_reports.presets import column_drift, data_summary, label_drift
from reporting.evidently_reports.sections import OmittedSection, Section, draw
from reporting.evidently_reports.summary import name_move, say_share, say_shares
from reporting.insufficient import Insufficient
from reporting.subprocesses import ALONE

RETRAIN = 3  # the exit code
KEEP = 50  # pages
ONCE = 1e9  # seconds to the next comparison: files are not compared all the time


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    os.environ.update(ALONE)
    try:
        settings = load_settings()
        options = read_options(settings)
        sys.exit(run(settings, options))
    except (InvalidSetting, InvalidDataset) as error:
        print(error, file=sys.stderr)
        sys.exit(1)


def read_options(settings: Settings) -> argparse.Namespace:
    churn = settings.paths.data / CHURN_FOLDER
    parser = argparse.ArgumentParser(prog="monitor_drift.py", description=__doc__)
    parser.add_argument("--reference", type=Path, default=churn / "2024-01-31.csv")
    parser.add_argument("--current", type=Path, default=churn / "2024-02-29.csv")
    parser.add_argument("--threshold", type=float, default=THRESHOLD, help="share of features")
    parser.add_argument("--target", help="the column of labels")
    parser.add_argument("--ignore", action="append", default=[], help="a column; may be repeated")
    return parser.parse_args()


def run(settings: Settings, options: argparse.Namespace) -> int:
    """Write the report, print the decision and give the exit code."""
    wanted = settings.dataset
    targets = [options.target] if options.target else [wanted.target, CHURN_TARGET]
    ignored = [*wanted.ignore, *options.ignore]
    dated = read_batches(options.reference, options.current, targets, ignored)
    found = compare_dated(dated, settings.reporting, options.threshold)
    decision = found.decide()
    report = report_on(found, decision, datetime.now(UTC))
    name = f"drift_{options.reference.stem}_vs_{options.current.stem}"
    report.write(settings.reporting.reports, name)
    prune(settings.reporting.reports)
    for left in report.left_out:
        print(f"{left.title} is left out: {left.reason}", file=sys.stderr)
    page = settings.reporting.reports / f"{name}.html"
    share = "insufficient" if found.share is None else f"{found.share:.2f}"
    print(
        f"[Evidently] report_html={page} report_json={page.with_suffix('.json')} "
        f"drift_share={share} value_drift_col={dated.target} -> {decision}"
    )
    return RETRAIN if decision.retrain else 0


def prune(reports: Path) -> None:
    """A page has five megabytes, and a scheduler makes one a day."""
    made = sorted(reports.glob("drift_*.html"), key=lambda path: path.stat().st_mtime)
    for old in made[:-KEEP]:
        old.unlink()
        old.with_suffix(".json").unlink(missing_ok=True)


def compare_dated(dated: BatchPair, wanted: ReportingSettings, threshold: float) -> Comparison:
    least = wanted.minimum_rows
    features, before, now = dated.encode()
    family = make_family("features", features, before, least, linked=True)
    drift = compare([family], {"features": now}, Rule(every_seconds=ONCE, minimum_rows=least))
    labels = (count_labels(dated.reference_labels), count_labels(dated.current_labels))
    target: LabelDrift | Insufficient = Insufficient(0, dated.undated)
    if not dated.undated:
        target = detect_label_drift(*labels, minimum_rows=least)
    return Comparison(dated, drift, target, threshold)


def report_on(found: Comparison, decision: Decision, at: datetime) -> Report:
    dated = found.dated
    facts = {
        "reference": dated.reference_path,
        "current": dated.current_path,
        "decision": str(decision),
        "threshold": found.threshold,
        "drift": found.drift,
        "target": dated.target,
        "target_drift": found.target,
    }
    drawn = [(section.heading, draw(section, at)) for section in _sections(found)]
    name = f"{dated.reference_path.stem} vs {dated.current_path.stem}"
    return compose(name, at, list(_summarise(found, decision)), drawn, {}, facts)


def _summarise(found: Comparison, decision: Decision) -> Iterator[BaseWidgetInfo]:
    dated = found.dated
    yield heading(str(decision))
    yield numbers(
        {
            f"rows of {dated.reference_path.name}": str(len(dated.reference)),
            f"rows of {dated.current_path.name}": str(len(dated.current)),
            "share of drifted features": say_share(found.drift),
            f"drift of {dated.target}{name_move(found.target)}": _say_target(found),
        }
    )
    if isinstance(found.drift, DatasetDrift):
        moved = sorted(found.drift.columns, key=lambda column: -column.effect)
        rows = [(c.name, f"{c.effect:.2f}", c.words) for c in moved]
        title = "How far each feature moved; numbers in standard deviations"
        yield table(title, ("feature", "moved by", "what drifted"), rows)


def _say_target(found: Comparison) -> str:
    return "undated" if found.dated.undated else say_shares(found.target)


def _sections(found: Comparison) -> Iterator[Section | OmittedSection]:
    dated, drift, title = found.dated, found.drift, "Drift of the features"
    yield from dated.left_out
    if isinstance(drift, Insufficient):
        yield OmittedSection(title, drift.reason)
    else:
        columns = (dated.current, dated.reference)
        yield column_drift(title, drift.columns, *columns)
        for name, few in drift.insufficient.items():
            yield OmittedSection(f"Drift of {name}", few.reason)
    labels = (dated.current_labels, dated.reference_labels)
    yield label_drift(dated.target, found.target, *labels)
    yield data_summary("Values of the features", dated.current, dated.reference)


if __name__ == "__main__":
    main()
