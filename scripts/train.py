"""Trains a version on the reference, publishes it and puts it live. Run after prepare."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from pipeline.artifacts import Artifacts, open_artifacts
from pipeline.prepared import Prepared, load_prepared
from pipeline.seal import Sealed
from pipeline.settings import Settings, load_settings
from scripts.console import Bar, run

if TYPE_CHECKING:
    from pipeline.scores import Scores  # imports scikit-learn: a second that --if-none saves


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--if-none", action="store_true", help="only if no version is live yet")
    options = parser.parse_args()
    settings = load_settings()
    artifacts = open_artifacts(settings.artifacts)
    if options.if_none and artifacts.lineage():
        print(f"Version {artifacts.current().manifest['version']} is live.")
        return
    version, scores = train_version(settings, artifacts, load_prepared(settings, artifacts))
    print(table(scores))
    print(summary(version))


def train_version(
    settings: Settings, artifacts: Artifacts, prepared: Prepared
) -> tuple[Sealed, "Scores"]:
    """Train on the reference alone and put the version live."""
    from pipeline.importance import importance_files
    from pipeline.scores import score_predictions
    from pipeline.training import predict, train

    bar = Bar()
    trained = train(prepared.reference, settings.training, bar)
    holdout = prepared.holdout
    predictions = predict(trained.model, holdout.values)
    scores = score_predictions(prepared.embedding.schema.labels, holdout.targets, predictions)
    bar("importance", 0.0)
    explained = importance_files(prepared, trained.scorer(), settings.training)
    bar("importance", 1.0)
    facts = {
        **prepared.facts(),
        **trained.facts(settings.training),
        "parent": next(iter(artifacts.lineage()), None),
        "trigger": "by hand",
        "scores": {"holdout": asdict(scores), "recent": None},
    }
    version = artifacts.publish({**prepared.embedding_files(), **trained.files, **explained}, facts)
    artifacts.activate(version.manifest["version"])
    bar.close()
    return version, scores


def table(scores: "Scores") -> str:
    """The scores on the holdout, a line for each label and one for all."""
    width = max(len(label) for label in (*scores.classes, "all labels")) + 2
    lines = [f"{'holdout':{width}} precision  recall      F1   rows"]
    for label, own in scores.classes.items():
        numbers = " ".join(f"{_percent(n):>8}" for n in (own.precision, own.recall, own.f1))
        lines.append(f"{label:{width}} {numbers} {own.rows:6}")
    numbers = " ".join(f"{_percent(n):>8}" for n in (scores.precision, scores.recall, scores.f1))
    lines.append(f"{'all labels':{width}} {numbers} {scores.rows:6}")
    balanced = _percent(scores.balanced_accuracy)
    lines.append(f"accuracy {_percent(scores.accuracy)}, balanced accuracy {balanced}")
    return "\n".join(lines)


def _percent(number: float | None) -> str:
    return "-" if number is None else f"{number:.1%}"


def summary(version: Sealed) -> str:
    manifest, parity = version.manifest, version.manifest["parity"]
    if parity is None:
        served = f"served by scikit-learn itself: {manifest['served_by_reason']}"
    else:
        served = f"compiled, 0 of {parity['points']} labels differ from scikit-learn"
    return f"Version {manifest['version']} is live in {version.folder}, {served}."


if __name__ == "__main__":
    run(main)
