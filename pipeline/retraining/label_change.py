"""Finds out whether the meaning of labels has changed, and then learns without outdated rows.

A forest trained on all rows needs as many rows with the new meaning as it had with the old one. So
when errors rise, two more candidates are trained: one only on the rows since then, the other also
on the older rows that the first does not contradict. Both are small forests at first, because
mostly there is nothing to gain. If the better one seems to beat the candidate of all rows, it is
trained whole, and replaces that candidate if it is right more often, beyond chance, on rows since
the change that neither was trained on.
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
from pipeline.retraining.candidate import SHOWN, Candidate, TrainingRows, make_candidate
from pipeline.retraining.champion import Champion
from pipeline.retraining.evaluation import Pairing
from pipeline.setting_tables import TrainingSettings

WATCHED_ROWS = 1_000  # the latest rows, in which a rise of errors is looked for
ROWS_BETWEEN = 40_000  # false alarms, on average
ODDS = 3.0  # how much likelier errors become, as the evidence has it
LEAST_ROWS = 30  # since the change, to learn from
LEAST_OF_LABEL = 5  # with fewer rows since, a label that was rare before keeps its older rows
CONTRADICTED = 0.2  # another label is more probable by this much than the label of an older row
BETTER = 0.01  # level of the sign test against the candidate of all rows
FEW_TREES = 25  # of a small forest
PERHAPS = 0.1  # level at which a small forest must be better for a whole one to be trained


def prefer_recent(
    candidate: Candidate, rows: TrainingRows, live: Champion, wanted: TrainingSettings
) -> Candidate:
    """The candidate of all rows, or one without the rows that a change made wrong.

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
            candidate = describe_by(recent, whole)
    return candidate


def find_changes(production: ProductionRows, live: Champion) -> Iterator[int]:
    """The row since which the live version learned, then the row since which it errs more."""
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


def _rows_since(since: int, rows: TrainingRows) -> Indices | None:
    """The places of the rows since a change, among all to learn from; None while they are few."""
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
    """The same classifier, if a forest with few trees; others cannot be made smaller."""
    if how.classifier != FOREST:
        return how
    trees = min(FEW_TREES, how.parameters.get("n_estimators", FEW_TREES))
    return how.model_copy(update={"parameters": {**how.parameters, "n_estimators": trees}})


def _choose(places: Indices, rows: TrainingRows, how: TrainingSettings, since: int) -> Candidate:
    """The candidate of the rows at these places, or one that also learned from older rows."""
    recent = _learn(places, rows, how, since)
    longer = _learn(np.union1d(places, find_uncontradicted(recent, rows)), rows, how, since)
    between = _pair(longer, recent, rows, since)
    return longer if len(between) >= LEAST_ROWS and between.gained >= between.lost else recent


def _learn(places: Indices, rows: TrainingRows, how: TrainingSettings, since: int) -> Candidate:
    return replace(make_candidate(rows, how, no_progress, places), since=since)


def find_uncontradicted(recent: Candidate, rows: TrainingRows) -> Indices:
    """The places of the older rows whose label is not contradicted by the recent candidate."""
    older = np.setdiff1d(np.arange(len(rows.to_learn_from)), recent.places)
    vectors, model = rows.to_learn_from.where(older), recent.trained.model
    shares = model.predict_proba(vectors.values)
    own = np.where(vectors.targets[:, None] == model.classes_, shares, 0.0).max(axis=1)
    kept: Indices = older[shares.max(axis=1) - own < CONTRADICTED]
    return kept


def describe_by(places: Indices, candidate: Candidate) -> Candidate:
    """The candidate with its predictions for the rows at these places alone as its reference.

    It also learned from older rows, but not from those that the change made wrong: with the older
    ones in its reference, labels and errors would seem rarer than they are.
    """
    trained = candidate.trained
    known = trained.out_of_sample
    asked = np.isin(candidate.places[known.rows], places)
    told = describe_predictions(
        trained.vectors, trained.model.classes_, known.rows[asked], known.probabilities[asked]
    )
    return replace(candidate, trained=replace(trained, out_of_sample=told))


def _pair(one: Candidate, other: Candidate, rows: TrainingRows, since: int) -> Pairing:
    first, second = one.predict(rows), other.predict(rows)
    asked = (rows.production.seqs >= since) & (first != SHOWN) & (second != SHOWN)
    return Pairing(rows.production.targets[asked], first[asked], second[asked])
