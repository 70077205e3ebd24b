"""What speaks against serving a version that `make train` made: sentences for people."""

import warnings

import numpy as np

from pipeline.model.metrics import ClassificationScores
from pipeline.registry.prepared import PreparedData

FEW_ROWS = 50
SUSPICIOUS = 0.995  # accuracy from which one looks for a feature that gives the label away


def find_doubts(prepared: PreparedData, scores: ClassificationScores) -> list[str]:
    """Doubts from its out-of-sample scores, the gravest first."""
    doubts = []
    targets = prepared.reference.targets
    labels, rows = np.unique(targets, return_counts=True)
    commonest, share = str(labels[rows.argmax()]), float(rows.max() / len(targets))
    if scores.accuracy <= share:
        doubts.append(
            f"It is right in {scores.accuracy:.1%} of rows that it was not shown; always to say "
            f"'{commonest}' would be in {share:.1%}."
        )
    missed = [label for label, own in scores.classes.items() if own.rows and own.recall == 0]
    if missed:
        named = ", ".join(f"'{label}'" for label in missed[:10])
        doubts.append(f"It never finds {named}.")
    if len(targets) < FEW_ROWS:
        doubts.append(f"{len(targets)} rows to learn from are few; its scores say little.")
    if scores.accuracy >= SUSPICIOUS:
        doubts += [
            f"The feature '{name}' alone gives the label away: is it a copy of '{target}', or "
            f"known only afterwards?"
            for name, target in _giveaways(prepared)
        ]
    return doubts


def _giveaways(prepared: PreparedData) -> list[tuple[str, str]]:
    """Features of a table from which alone a tree predicts nearly all holdout rows."""
    from sklearn.model_selection import cross_val_score
    from sklearn.tree import DecisionTreeClassifier

    schema, held = prepared.embedding.schema, prepared.holdout_rows()
    if held is None or schema.kind == "image":
        return []
    found = []
    with warnings.catch_warnings():  # a label with a single row
        warnings.simplefilter("ignore", UserWarning)
        for place, feature in enumerate(schema.features):
            alone = held.values[:, [place]]
            right = cross_val_score(DecisionTreeClassifier(), alone, held.targets, cv=2)
            if right.mean() >= SUSPICIOUS:
                found.append((feature.name, schema.target))
    return found
