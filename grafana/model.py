"""The dashboard of the model: version, predictions, quality, feedback, retrainings."""

from grafana.board import Board, Row
from grafana.panels import BAD, GOOD, NO_LIMIT, Steps, bars, falling, lines, rising, stat, table


def _confidence(share: float) -> str:
    rate = "sum by (le) (rate(prediction_confidence_bucket[5m]))"
    return f"histogram_quantile({share}, {rate})"


NOW = Row(
    "Now",
    4,
    [
        stat(
            "Live version",
            "The version that answers.",
            "max by (version) (model_info)",
            "none",
            legend="{{version}}",
            text="name",
        ),
        stat(
            "Trained",
            "Age of the live version. From 30 days on there is a ticket.",
            "max(time() - model_created_timestamp_seconds)",
            "s",
            rising(14 * 86400, 30 * 86400),
            decimals=0,
        ),
        stat(
            "Balanced accuracy, live",
            "On the latest rows with feedback: the mean over the labels of the share that is "
            "recognised. No data until there are enough labelled rows.",
            'max(model_score{score="balanced_accuracy",data="live"})',
            "percentunit",
            falling(0.7, 0.85),
            decimals=1,
        ),
        stat(
            "Lost since training",
            "Balanced accuracy on the reference (out of fold) minus that on live feedback. "
            "From 10 points on the model is retrained.",
            'model:score_drop{score="balanced_accuracy"}',
            "percentunit",
            rising(0.05, 0.1),
            decimals=1,
        ),
        stat(
            "Feedback until retraining",
            "Rows of feedback that are still missing for the next retraining.",
            "min(feedback_rows_until_retraining)",
            "none",
        ),
        stat(
            "Predictions with a label",
            "Share of the latest predictions whose true answer is known. Quality is known for "
            "these alone.",
            "max(label_coverage_share)",
            "percentunit",
            Steps("orange", ((0.05, GOOD),)),
            decimals=0,
        ),
    ],
)

QUALITY = Row(
    "Quality",
    8,
    [
        lines(
            "Scores on live feedback",
            "On the window of the latest labelled rows. A fall of all of them means that the "
            "model no longer fits; a fall of one score, that it fails on some labels.",
            {"{{score}}": 'max by (score) (model_score{data="live"})'},
            "percentunit",
            falling(0.7, 0.85),
            most=1,
        ),
        lines(
            "Balanced accuracy: live, expected, in training",
            "Live should keep close to the reference; the distance is what the alert QualityDrop "
            "reads. Expected is what confidence says before labels come, blind to a change of "
            "concept.",
            {"{{data}}": 'max by (data) (model_score{score="balanced_accuracy"})'},
            "percentunit",
            most=1,
        ),
        bars(
            "F1 of each label",
            "Live. A short bar is a label that is missed, or taken for another.",
            {"{{label}}": 'max by (label) (model_class_score{score="f1",data="live"})'},
            "percentunit",
            falling(0.6, 0.8),
            most=1,
        ),
        lines(
            "Wrong predictions",
            "Share of wrong predictions in the stream of feedback, beside that in training.",
            {"{{data}}": "max by (data) (concept_error_rate)"},
            "percentunit",
            least=0,
            at_least_to=0.1,
        ),
    ],
)

PREDICTIONS = Row(
    "Predictions",
    8,
    [
        lines(
            "Predictions by label",
            "Observations per second and predicted label.",
            {"{{prediction}}": "sum by (prediction) (rate(predictions_total[5m]))"},
            "cps",
            stacked=True,
            least=0,
        ),
        lines(
            "Predictions by version",
            "A promotion shows as one colour that takes over from another, without a gap.",
            {"{{version}}": "sum by (version) (rate(predictions_total[5m]))"},
            "cps",
            stacked=True,
            least=0,
        ),
        lines(
            "Confidence",
            "Probability that the model gives its own answer: the median, and what one prediction "
            "in ten stays below. A falling line means unfamiliar inputs.",
            {"median": _confidence(0.5), "lowest tenth": _confidence(0.1)},
            "percentunit",
            least=0,
            most=1,
        ),
        bars(
            "Shares of the labels, last hour",
            "How often each label was predicted, the most frequent first.",
            {"{{prediction}}": "sort_desc(predictions:share1h)"},
            "percentunit",
            Steps("blue"),
            most=1,
        ),
    ],
)

LOOP = Row(
    "The loop",
    8,
    [
        lines(
            "Feedback",
            "By outcome, per minute. A conflict contradicts an earlier answer; unknown is an id "
            "that was never predicted.",
            {"{{outcome}}": "sum by (outcome) (rate(feedback_total[5m])) * 60"},
            "cpm",
            least=0,
        ),
        lines(
            "Rows until the next retraining",
            "Counts down with the feedback, and jumps up when a retraining is queued.",
            {"rows": "min(feedback_rows_until_retraining)"},
            "short",
            least=0,
        ),
        table(
            "Decisions",
            "Every retraining since the beginning: what asked for it and what became of it. "
            "GET /retrainings has the reasons.",
            "retrainings:decided",
            ["trigger", "outcome"],
            "times",
            width=10,
        ),
        table(
            "The live version",
            "What serving loaded.",
            "max by (version, classifier, served_by, trigger, embedding_id) (model_info)",
            ["version", "classifier", "served_by", "trigger", "embedding_id"],
            width=14,
        ),
        stat(
            "Failed retrainings",
            "Since the beginning. Each failure is an alert; the live version stays.",
            'sum(retrainings:decided{outcome="failed"}) or vector(0)',
            "none",
            Steps(GOOD, ((1, BAD),)),
            width=6,
        ),
        stat(
            "From prediction to label",
            "Half of the labels arrive within this time. What quality says is as old as that.",
            "max(label_age_seconds)",
            "s",
            NO_LIMIT,
            width=6,
        ),
        lines(
            "Predictions with a label",
            "Share of the latest predictions whose true answer is known.",
            {"share": "max(label_coverage_share)"},
            "percentunit",
            least=0,
            most=1,
        ),
    ],
)

BOARD = Board(
    "boucle-model",
    "Model",
    "Which version is live, how good it is, and how the loop improves it.",
    [NOW, QUALITY, PREDICTIONS, LOOP],
)
