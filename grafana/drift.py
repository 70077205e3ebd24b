"""The dashboard of drift: inputs, labels, concept, the quality of the data, and who watches."""

from grafana.board import Board, Row
from grafana.data_quality import QUALITY
from grafana.panels import BAD, FAIR, GOOD, YES_IS_BAD, Steps, bars, falling, lines, rising, stat

QUIET = {0: "no", 1: "yes"}
# How far beyond its threshold a score lies, whichever side of it drift is on.
BEYOND = """clamp_max(max by (feature) (
  drift_score{direction="above"} / on (feature, method) drift_threshold
  or drift_threshold / on (feature, method) drift_score{direction="below"}
), 100)"""

NOW = Row(
    "Has the world changed?",
    4,
    [
        stat(
            "Inputs",
            "Yes: two windows in a row, with no row in common, differ from the reference. This "
            "asks for a retraining. No data: too few predictions to say.",
            "max(drift_holds)",
            "none",
            YES_IS_BAD,
            words=QUIET,
        ),
        stat(
            "True labels",
            "Yes: the shares of the true labels differ from those in training, in two windows of "
            "feedback. No data: too few labelled rows to say.",
            "max(target_drift_holds)",
            "none",
            YES_IS_BAD,
            words=QUIET,
        ),
        stat(
            "Predicted labels",
            "Yes: the shares of the predicted labels differ from those in training.",
            "max(prediction_drift_detected)",
            "none",
            Steps(GOOD, ((1, FAIR),)),
            words=QUIET,
        ),
        stat(
            "Concept",
            "Yes: the model errs at another rate than in training, so what the inputs mean has "
            "changed. This asks for a retraining.",
            "max(concept_drift_detected)",
            "none",
            YES_IS_BAD,
            words=QUIET,
        ),
        stat(
            "Drifted features",
            "Share of the features that drifted in the latest window. One is enough for an alert, "
            "which waits for a second window, since the first may be chance.",
            "max(drift_share)",
            "percentunit",
            rising(0.1, 0.3),
            decimals=0,
        ),
        stat(
            "Looked at",
            "Time since reporting last looked at the rows. Beyond five minutes nobody watches.",
            "time() - max(reporting_last_pass_timestamp_seconds)",
            "s",
            rising(120, 300),
            decimals=0,
        ),
    ],
)

INPUTS = Row(
    "Inputs",
    9,
    [
        lines(
            "Share of drifted features",
            "Of the features of the table, or of a picture its blocks of pixels. How many moved "
            "tells one broken sensor from another world.",
            {"share": "max(drift_share)"},
            "percentunit",
            width=8,
            least=0,
            most=1,
        ),
        bars(
            "The features farthest from the reference",
            "How many times beyond its threshold a feature's score lies; from 1 on it drifted. "
            "`pca_residual`, where a PCA drops directions, is what it cannot explain: damaged or "
            "foreign inputs.",
            {"{{feature}}": f"topk(12, {BEYOND})"},
            "none",
            Steps(GOOD, ((1, BAD),)),
            width=8,
            most=3,
        ),
        bars(
            "What moved, and by how much",
            "The features that drifted in the latest window. Numbers in standard deviations of "
            "the reference, anything else as a share of the rows.",
            {"{{feature}}: {{change}}": "topk(12, max by (feature, change) (drift_change))"},
            "none",
            Steps(FAIR),
            width=8,
            most=1,
        ),
    ],
)

LABELS = Row(
    "Labels and concept",
    8,
    [
        lines(
            "Shares of the labels: how likely by chance",
            "The p-value of the latest window against training. Below the dashed line the labels "
            "have drifted. The scale is logarithmic and ends at a millionth.",
            {
                "true": "clamp_min(max(target_drift_p_value), 0.000001)",
                "predicted": "clamp_min(max(prediction_drift_p_value), 0.000001)",
            },
            "sci",
            Steps(BAD, ((0.01, GOOD),)),
            logarithmic=True,
            least=0.000001,
            most=1,
        ),
        lines(
            "Wrong predictions",
            "Live against training. A lasting rise is concept drift, whatever the inputs.",
            {"{{data}}": "max by (data) (concept_error_rate)"},
            "percentunit",
            least=0,
            at_least_to=0.1,
        ),
        lines(
            "Whether the concept drifted",
            "Yes: labelled rows are wrong more often than was expected of the versions that "
            "predicted them.",
            {"{{detector}}": "max by (detector) (concept_drift_detected)"},
            "bool_yes_no",
            least=0,
            most=1,
        ),
        bars(
            "Too few rows to say",
            "1: there is no word yet, because too few predictions or labels have come in.",
            {
                "inputs": "max(drift_insufficient)",
                "true labels": "max(target_drift_insufficient)",
                "predicted labels": "max(prediction_drift_insufficient)",
                "concept": "max(concept_drift_insufficient)",
                "scores": "max(model_score_insufficient)",
                "data quality": "max(data_quality_insufficient)",
            },
            "none",
            Steps(GOOD, ((1, FAIR),)),
            most=1,
        ),
    ],
)

WATCHER = Row(
    "Who watches",
    7,
    [
        lines(
            "Rows behind the figures",
            "Below 200 predictions or 50 labelled rows some figures are absent.",
            {"{{data}}": "max by (data) (reporting_window_rows)"},
            "short",
            falling(50, 200),
            least=0,
            width=8,
        ),
        lines(
            "Time of a pass",
            "How long it takes to compare the latest rows with the reference.",
            {"seconds": "max(reporting_pass_duration_seconds)"},
            "s",
            least=0,
            width=8,
        ),
        stat(
            "Failed passes, last day",
            "Passes that ended with an error; the log of reporting has it.",
            "sum(increase(reporting_pass_errors_total[1d]))",
            "none",
            Steps(GOOD, ((1, BAD),)),
            decimals=0,
        ),
        stat(
            "Evidently report",
            "Age of the latest full report in the Evidently project.",
            "time() - max(reporting_last_snapshot_timestamp_seconds)",
            "s",
            rising(7200, 86400),
            decimals=0,
        ),
    ],
)

BOARD = Board(
    "boucle-drift",
    "Drift",
    "Whether inputs, labels or their meaning have changed since training.",
    [NOW, INPUTS, LABELS, QUALITY, WATCHER],
)
