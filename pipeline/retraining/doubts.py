"""Warnings about a version that `make train` made, as sentences for people."""

from collections.abc import Iterator

import numpy as np

from pipeline.columns.leaks import find_leaks
from pipeline.data.watched_features import watched_features, watched_values
from pipeline.quality.metrics import ClassificationScores
from pipeline.registry.prepared import PreparedData, reference_rows_of

FEW_ROWS = 50


def find_doubts(prepared: PreparedData, scores: ClassificationScores) -> list[str]:
    """Doubts about the scores, the rows and the features, the gravest first."""
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
    schema = prepared.embedding.schema
    if schema.image is None:
        doubts += [
            f"The feature '{name}' alone gives the label away: is it known before "
            f"'{schema.target}' is? If not, name it in dataset.ignore."
            for name in _name_leaks(prepared)
        ]
    return doubts


def _name_leaks(prepared: PreparedData) -> Iterator[str]:
    """Found in the raw rows that are kept: those of the holdout, and some of the reference."""
    schema, held = prepared.embedding.schema, prepared.holdout_rows()
    known = reference_rows_of(prepared.sealed)
    if held is None or known is None:
        return
    rows = np.concatenate([watched_values(schema, held.values), known.values])
    targets = np.concatenate([held.targets, known.targets])
    yield from find_leaks(watched_features(schema), rows, targets)
