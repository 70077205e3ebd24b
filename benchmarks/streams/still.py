"""Tables without an order: what `auto` takes, against the best by cross-validation."""

import tempfile
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedStratifiedKFold, cross_val_score

from benchmarks.streams.stream import choose
from benchmarks.streams.tables import STILL, Table
from pipeline.auto.embedding_choice import fit_chosen
from pipeline.datasets.dataset import Dataset
from pipeline.datasets.load import load_dataset
from pipeline.embedding.embedding import Kind
from pipeline.embedding.fit import fit_embedding
from pipeline.embedding.vectors import embed_rows
from pipeline.model.classifier import make_classifier
from pipeline.registry.prepared import PreparedData
from pipeline.registry.signed_folder import SignedFolder
from pipeline.setting_tables import DatasetSettings
from pipeline.settings import Settings
from scripts.preparation.dataset_parts import split

RIVALS = {
    "forest": RandomForestClassifier(random_state=0, n_jobs=-1),
    "boosting": HistGradientBoostingClassifier(random_state=0),
    "logistic": LogisticRegression(max_iter=2000),
}


def compare() -> str:
    lines = [
        "Accuracy in % by five folds, ten times over for small tables; the rivals as scikit-learn "
        "has them, on scaled features.\n",
        f"| table | {' | '.join(RIVALS)} | Boucle takes | Boucle | below the best |",
        f"| --- |{' ---: |' * len(RIVALS)} --- | ---: | ---: |",
    ]
    for make in STILL.values():
        lines.append(_line(make()))
        print(lines[-1], flush=True)
    return "\n".join(lines)


def _line(table: Table) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = table.write(Path(folder))
        settings = Settings().model_copy(update={"dataset": DatasetSettings(source=str(path))})
        dataset = load_dataset(settings)
        training, testing = split(dataset, settings)
    rows, targets = dataset.rows[training], dataset.targets[training]
    fitted, choice = fit_chosen(dataset.schema, rows, targets, settings.embedding)
    reference = embed_rows(fitted.embedding, rows, targets)
    holdout = embed_rows(fitted.embedding, dataset.rows[testing], dataset.targets[testing])
    prepared = PreparedData(SignedFolder(Path(), {}), fitted.embedding, reference, holdout)
    wanted = choose(settings, prepared)
    mine = make_classifier(wanted, dataset.targets)
    scores = {
        name: _score(rival, _embed(dataset, settings, "features"), dataset.targets)
        for name, rival in RIVALS.items()
    }
    own = _score(mine, _embed(dataset, settings, choice.kind), dataset.targets)
    cells = " | ".join(f"{score:.1f}" for score in scores.values())
    below = max(scores.values()) - own
    return (
        f"| {table.name} | {cells} | {choice.kind}, {wanted.classifier} | {own:.1f} | {below:.1f} |"
    )


def _embed(dataset: Dataset, settings: Settings, kind: Kind) -> np.ndarray:
    fitted = fit_embedding(dataset.schema, dataset.rows, settings.embedding, kind)
    return fitted.embedding.embed(dataset.rows)[0]


def _score(classifier: object, vectors: np.ndarray, targets: np.ndarray) -> float:
    repeats = 10 if len(targets) < 1_000 else 1
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=repeats, random_state=0)
    return 100 * float(cross_val_score(classifier, vectors, targets, cv=folds).mean())
