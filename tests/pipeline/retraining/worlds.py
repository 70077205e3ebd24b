"""Worlds to try the loop in without a store: a dataset, a live version, and feedback to come."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.datasets.load import load_dataset
from pipeline.embedding.fit import fit_embedding
from pipeline.embedding.vectors import embed_rows
from pipeline.model.classifier import FOREST
from pipeline.model.scorer import OnnxScorer
from pipeline.model.training import TrainedModel, train
from pipeline.production.production_rows import ProductionRows
from pipeline.registry.prepared import PreparedData
from pipeline.registry.signed_folder import SignedFolder
from pipeline.retraining.challenger import Challenger, challenge
from pipeline.retraining.champion import Champion
from pipeline.setting_tables import DatasetSettings, PathSettings
from pipeline.settings import Settings

SMALL = {"parameters": {"n_estimators": 50, "n_jobs": 1}}


@dataclass
class World:
    """Draws feedback from rows that were never trained on."""

    settings: Settings
    prepared: PreparedData
    values: np.ndarray
    targets: np.ndarray
    live: Champion
    random: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    recorded: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))

    @property
    def labels(self):
        return list(self.prepared.embedding.schema.labels)

    def draw(self, rows):
        """Vectors like those of the dataset, none twice, and their true targets."""
        picked = self.random.integers(len(self.values), size=rows)
        noise = self.random.normal(size=(rows, self.values.shape[1]))
        return self.values[picked] + 0.05 * noise * self.values.std(axis=0), self.targets[picked]

    def flip(self, targets, share=1.0):
        """Give that share of the rows another label, at random."""
        flipped = targets.copy()
        for place in np.flatnonzero(self.random.random(len(targets)) < share):
            others = [label for label in self.labels if label != targets[place]]
            flipped[place] = self.random.choice(others)
        return flipped

    def change(self, values, targets):
        """What the targets are in another world, where every fourth row is another."""
        if len(self.labels) > 4:  # two digits are written as others were
            new = {self.labels[3]: self.labels[8], self.labels[5]: self.labels[6]}
            return np.array([new.get(target, target) for target in targets.tolist()])
        far = values[:, 0] > np.quantile(self.values[:, 0], 0.75)
        first, second = self.labels
        return np.where(far, np.where(targets == first, second, first), targets)

    def feedback(self, *parts):
        """Rows of production from pairs of vectors and targets, in the order in which they came."""
        values = np.concatenate([part[0] for part in parts])
        targets = np.concatenate([part[1] for part in parts])
        judges = self.random.random(len(targets)) < 0.2
        wrong = self.live.predict(values) != targets
        return ProductionRows(np.arange(1, len(targets) + 1), values, targets, judges, wrong)

    def errors_of(self, production):
        """As they were recorded: each row by the version that was live when it came."""
        known = len(self.recorded)
        new = self.live.predict(production.values[known:]) != production.targets[known:]
        self.recorded = np.concatenate([self.recorded, new])
        return self.recorded

    def challenge(self, production, rolled_back=None, **knobs) -> Challenger:
        retraining = self.settings.retraining.model_copy(update=knobs)
        settings = self.settings.model_copy(update={"retraining": retraining})
        return challenge(settings, self.prepared, production, self.live, rolled_back)

    def accuracy(self, predict, targets=None):
        """On the holdout, which may be told what is true in another world."""
        true = self.prepared.holdout.targets if targets is None else targets
        return float((predict(self.prepared.holdout.values) == true).mean())

    def promote(self, challenger, production):
        """Put a challenger live."""
        through = int(production.seqs[-1])
        self.live = as_live(
            challenger.candidate.trained,
            production_through=through,
            learned_since=challenger.candidate.since,
        )


def make_world(source, folder: Path, seed=0) -> World:
    """Half of the dataset is the reference, a fifth the holdout, the rest is yet to come."""
    defaults = Settings()
    training = defaults.training.model_copy(update={"classifier": FOREST, **SMALL})
    tables = {"dataset": DatasetSettings(source=source), "paths": PathSettings(data=folder)}
    settings = defaults.model_copy(update={"training": training, **tables})
    dataset = load_dataset(settings)
    order = np.random.default_rng(seed).permutation(len(dataset.targets))[:2000]
    first, second = int(0.5 * len(order)), int(0.7 * len(order))
    embedding = fit_embedding(
        dataset.schema, dataset.rows[order[:first]], settings.embedding, "pca"
    ).embedding
    reference, holdout, rest = (
        embed_rows(embedding, dataset.rows[part], dataset.targets[part])
        for part in (order[:first], order[first:second], order[second:])
    )
    prepared = PreparedData(SignedFolder(folder, {}), embedding, reference, holdout)
    live = as_live(train(reference, training))
    return World(settings, prepared, rest.values, rest.targets, live)


def as_live(trained: TrainedModel, **told) -> Champion:
    manifest = {"version": "0001", **trained.facts(), **told}
    assert trained.compiled.content is not None
    scorer = OnnxScorer(trained.compiled.content, tuple(trained.model.classes_))
    return Champion(SignedFolder(Path(), manifest), scorer)
