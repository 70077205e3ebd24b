"""What stands on top of a report: the verdicts and their reasons, in words and few numbers."""

from collections.abc import Sequence
from typing import Any

from evidently.legacy.model.widget import BaseWidgetInfo

from pipeline.quality.calibration import ExpectedQuality
from reporting.drift.categorical_tests import LabelDrift
from reporting.drift.dataset_drift import DatasetDrift, say_found
from reporting.drift.diagnosis import TITLES, Diagnosis
from reporting.drift.error_drift import ConceptDrift
from reporting.evidently_reports.document import heading, numbers, table
from reporting.insufficient import Insufficient
from reporting.monitoring.checks import CheckResults
from reporting.windows.current_window import CurrentWindow
from reporting.windows.reference_window import ReferenceWindow
from reporting.windows.window_quality import Quality

SCORES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "precision": "precision",
    "recall": "recall",
    "f1": "F1",
}
MOST_ROWS = 20


def summarise(
    baseline: ReferenceWindow,
    window: CurrentWindow,
    found: CheckResults,
    errors: ConceptDrift | Insufficient,
    diagnosis: Diagnosis,
) -> list[BaseWidgetInfo]:
    widgets = [
        heading(f"Version {baseline.version}: {say_drift(found.drift)}"),
        heading(f"{TITLES[diagnosis.kind]}: {diagnosis.evidence}. {diagnosis.advice}"),
        numbers(
            {
                "rows in the window": str(len(window.predicted.seqs)),
                "of them labelled": str(window.predicted.labelled),
                "rows of the reference": str(len(baseline.targets)),
            }
        ),
        numbers(
            {
                f"share of drifted features{say_why(found.drift)}": say_share(found.drift),
                f"accuracy expected without labels{say_why(found.foretold)}": say_expected(
                    found.foretold
                ),
                f"wrong predictions by labels{name_rows(errors)}": say_errors(errors, "estimate"),
                f"wrong predictions expected{say_why(errors)}": say_errors(errors, "expected"),
                f"target drift{name_move(found.target)}": say_shares(found.target),
                f"prediction drift{name_move(found.prediction)}": say_shares(found.prediction),
            }
        ),
        _scores(found),
    ]
    return [*widgets, *_label_scores(found), *_faults(found.quality)]


def say_drift(found: DatasetDrift | Insufficient) -> str:
    if isinstance(found, Insufficient):
        return f"too few rows: {found.reason}"
    return say_found(found.found) if found.drifted else "nothing moved"


def say_why(found: object) -> str:
    """How many rows there are, and how many are needed, where they are too few."""
    return f" ({found.reason})" if isinstance(found, Insufficient) else ""


def say_share(found: DatasetDrift | Insufficient) -> str:
    known = isinstance(found, DatasetDrift) and found.share is not None
    return f"{found.share:.0%}" if known else "too few rows"  # type: ignore[union-attr]


def say_expected(found: ExpectedQuality | Insufficient) -> str:
    if isinstance(found, Insufficient):
        return "too few rows"
    return f"{found.accuracy:.0%} ± {2 * found.error:.0%}"


def say_errors(found: ConceptDrift | Insufficient, name: str) -> str:
    return "too few rows" if isinstance(found, Insufficient) else f"{getattr(found, name):.0%}"


def name_rows(found: ConceptDrift | Insufficient) -> str:
    return say_why(found) if isinstance(found, Insufficient) else f" ({found.judged} rows)"


def say_shares(found: LabelDrift | Insufficient) -> str:
    if isinstance(found, Insufficient):
        return "too few rows"
    return "yes" if found.drifted else "no"


def name_move(found: LabelDrift | Insufficient) -> str:
    """Whose share changed most."""
    if not isinstance(found, LabelDrift):
        return say_why(found)
    return f" (largest change: {found.label}, {100 * found.change:+.1f} points)"


def _scores(found: CheckResults) -> BaseWidgetInfo:
    """Balanced accuracy, which Evidently lacks, and with it the means over the labels."""
    rows = [
        (words, _number(found.scores, name), _number(found.expected, name))
        for name, words in SCORES.items()
    ]
    title = "Scores; precision, recall and F1 are means over the labels"
    return table(title, ("score", "on live feedback", "on the reference, out of fold"), rows)


def _label_scores(found: CheckResults) -> list[BaseWidgetInfo]:
    """Of each label, commonest first, what is expected without labels, beside what labels say."""
    if isinstance(found.foretold, Insufficient) or not found.foretold.classes:
        return []
    live = {} if isinstance(found.scores, Insufficient) else found.scores.classes
    ordered = sorted(found.foretold.classes.items(), key=lambda named: -named[1].rows)
    rows = [
        (
            label,
            str(expected.rows),
            *(
                _number(scores, name)
                for name in ("precision", "recall")
                for scores in (expected, live.get(label))
            ),
        )
        for label, expected in ordered[:MOST_ROWS]
    ]
    return [table("Scores of each label", LABEL_SCORES, rows)]


LABEL_SCORES = (
    "label",
    "rows expected",
    "precision expected without labels",
    "precision on live feedback",
    "recall expected without labels",
    "recall on live feedback",
)


def _number(scores: Any, name: str) -> str:
    if isinstance(scores, Insufficient):
        return f"too few: {scores.reason}"
    value = getattr(scores, name, None)
    return "-" if value is None else f"{value:.1%}"


def _faults(found: Quality | Insufficient) -> list[BaseWidgetInfo]:
    """The features with something wrong, the worst first."""
    if isinstance(found, Insufficient):
        return []
    checks = ("missing", "out_of_range", "new_category")
    counted = [
        (feature.name, *(getattr(feature, check) for check in checks), feature.constant)
        for feature in found.features
    ]
    faulty = sorted((row for row in counted if any(row[1:])), key=lambda row: -sum(row[1:]))
    if not faulty:
        return [heading("Every value is present, in range and of a known category")]
    return [
        table(_faults_title(len(faulty), found), FAULTS, [_words(r) for r in faulty[:MOST_ROWS]])
    ]


FAULTS = ("feature", "missing", "out of range", "new category", "constant")


def _faults_title(faulty: int, found: Quality) -> str:
    shown = f", the first {MOST_ROWS} of {faulty}" if faulty > MOST_ROWS else ""
    rows = "1 duplicate" if found.duplicates == 1 else f"{found.duplicates} duplicates"
    return f"Features with problems ({found.rows} rows, {rows}){shown}"


def _words(row: Sequence[Any]) -> tuple[str, ...]:
    *counts, constant = row
    return (*map(str, counts), "yes" if constant else "")
