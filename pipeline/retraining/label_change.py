"""What labels mean may change from one row to the next: then old rows are wrong, and are many.

A forest of all rows needs as many of the new meaning as it had of the old. So when errors rise, two
more learn: one from the rows since then alone, one besides from the older rows that the first does
not contradict. Both are small forests at first: mostly they are no better, and then have cost
little. Only the better of both, where it is right more often than the candidate of all rows, is
fitted whole. It takes that one's place if it is right more often beyond chance, on rows since that
neither was shown.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import log

import numpy as np

from pipeline.arrays import Indices
from pipeline.auto.classifier_choice import settled
from pipeline.model.classifier import FOREST
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
FEW_TREES = 25  # of a forest that shows whether a whole one is worth its cost
PERHAPS = 0.1  # level at which it is


def prefer_recent(
    candidate: Candidate, rows: Rows, live: Champion, wanted: TrainingSettings
) -> Candidate:
    """The candidate of all rows, or one that forgot what a change made wrong.

    Under `auto` that is a forest, whatever fitted the old meaning: it needs the fewest rows.
    """
    how = settled(wanted, None)
    small = _with_few_trees(how)
    for since in find_changes(rows.production, live):
        recent = _rows_since(since, rows)
        if recent is None:
            continue
        found = _choose(recent, rows, small, since)
        if not _pair(found, candidate, rows, since).is_better(PERHAPS):
            continue
        whole = found if small == how else _learn(found.places, rows, how, since)
        if _pair(whole, candidate, rows, since).is_better(BETTER):
            candidate = refer_to(recent, whole)
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


def _with_few_trees(how: TrainingSettings) -> TrainingSettings:
    """For a forest; of other classifiers there is none that is smaller."""
    if how.classifier != FOREST:
        return how
    trees = min(FEW_TREES, how.parameters.get("n_estimators", FEW_TREES))
    return how.model_copy(update={"parameters": {**how.parameters, "n_estimators": trees}})


def _choose(places: Indices, rows: Rows, how: TrainingSettings, since: int) -> Candidate:
    """The candidate of the rows at these places, or the one that also knows older ones."""
    recent = _learn(places, rows, how, since)
    longer = _learn(np.union1d(places, still_right(recent, rows)), rows, how, since)
    between = _pair(longer, recent, rows, since)
    return longer if len(between) >= LEAST_ROWS and between.gained >= between.lost else recent


def _learn(places: Indices, rows: Rows, how: TrainingSettings, since: int) -> Candidate:
    return replace(make_candidate(rows, how, no_progress, places), since=since)


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
