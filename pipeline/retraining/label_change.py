"""What labels mean may change from one row to the next: then old rows are wrong, and are many.

A forest of all rows needs as many of the new meaning as it had of the old. So when errors rise, two
more learn: one from the rows since then alone, one besides from the older rows that the first does
not contradict. Of rows since, that nobody knows by heart, the better of both must be right more
often than the candidate of all rows, beyond chance; then it takes its place.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import log

import numpy as np

from pipeline.arrays import Indices
from pipeline.auto.classifier_choice import settled
from pipeline.model.out_of_sample import describe_predictions
from pipeline.production.production_rows import ProductionRows
from pipeline.progress import no_progress
from pipeline.quality.cusum import Cusum
from pipeline.retraining.candidate import SHOWN, Candidate, Rows, make_candidate
from pipeline.retraining.champion import Champion
from pipeline.retraining.evaluation import Pairing
from pipeline.setting_tables import TrainingSettings

WATCHED_ROWS = 1_000  # the latest, in which a rise of errors is looked for
ROWS_BETWEEN = 40_000  # that false alarms are apart
ODDS = 3.0  # how much likelier errors become, as the evidence has it
LEAST_ROWS = 30  # to learn from alone
LEAST_OF_LABEL = 5  # one that is rarer since, and was rare before, is learned from older rows too
CONTRADICTED = 0.2  # by so much more probable is another label than that of an older row
BETTER = 0.01  # level of the sign test against the other


def prefer_recent(
    candidate: Candidate, rows: Rows, live: Champion, wanted: TrainingSettings
) -> Candidate:
    """The candidate of all rows, or one that forgot what a change made wrong.

    Under `auto` that is a forest, whatever fitted the old meaning: it needs the fewest rows.
    """
    how = settled(wanted, None)
    for since in find_changes(rows.production, live):
        places = _rows_since(since, rows)
        if places is None:
            continue
        recent = replace(make_candidate(rows, how, no_progress, places), since=since)
        places = np.union1d(places, still_right(recent, rows))
        longer = replace(make_candidate(rows, how, no_progress, places), since=since)
        between, other = _pair(longer, recent, rows, since), recent
        if len(between) >= LEAST_ROWS and between.gained >= between.lost:
            other = refer_to(recent.places, longer)
        if _pair(other, candidate, rows, since).is_better(BETTER):
            candidate = other
    return candidate


def find_changes(production: ProductionRows, live: Champion) -> Iterator[int]:
    """The row since which the live version has learned, then that from which on it errs more."""
    after = 0
    if live.learned_since is not None:
        yield live.learned_since
        after = live.trained_through
    latest = production.where(production.seqs > after).where(slice(-WATCHED_ROWS, None))
    cusum = Cusum(ODDS, log(ROWS_BETWEEN))
    for seq, error in zip(latest.seqs.tolist(), latest.errors.tolist(), strict=True):
        if cusum.add(seq, error, live.expected_error):
            yield cusum.since
            return


def _rows_since(since: int, rows: Rows) -> Indices | None:
    """Their places among the rows to learn from; None while they are too few."""
    targets = rows.to_learn_from.targets
    recent = rows.seqs_to_learn_from >= since
    if recent.sum() < LEAST_ROWS:
        return None
    labels, codes = np.unique(targets, return_inverse=True)
    count = np.bincount(codes[recent], minlength=len(labels))
    before = np.bincount(codes[~recent], minlength=len(labels)) / max(1, (~recent).sum())
    rare = (count < LEAST_OF_LABEL) & (before * recent.sum() < 2 * LEAST_OF_LABEL)
    places: Indices = np.flatnonzero(recent | rare[codes])
    if len(np.unique(targets[places])) < 2:
        return None
    return places


def still_right(recent: Candidate, rows: Rows) -> Indices:
    """The places of the older rows whose label is not contradicted."""
    older = np.setdiff1d(np.arange(len(rows.to_learn_from)), recent.places)
    vectors, model = rows.to_learn_from.where(older), recent.trained.model
    shares = model.predict_proba(vectors.values)
    own = np.where(vectors.targets[:, None] == model.classes_, shares, 0.0).max(axis=1)
    kept: Indices = older[shares.max(axis=1) - own < CONTRADICTED]
    return kept


def refer_to(places: Indices, candidate: Candidate) -> Candidate:
    """It is described by its predictions for these rows.

    Of the older ones that it learned from those are missing that the change made wrong: labels
    would be rarer in its reference than they are, and errors too.
    """
    trained = candidate.trained
    known = trained.out_of_sample
    asked = np.isin(candidate.places[known.rows], places)
    told = describe_predictions(
        trained.vectors, trained.model.classes_, known.rows[asked], known.probabilities[asked]
    )
    return replace(candidate, trained=replace(trained, out_of_sample=told))


def _pair(one: Candidate, other: Candidate, rows: Rows, since: int) -> Pairing:
    first, second = one.predict(rows), other.predict(rows)
    asked = (rows.production.seqs >= since) & (first != SHOWN) & (second != SHOWN)
    return Pairing(rows.production.targets[asked], first[asked], second[asked])
