"""Trains a version on the reference, publishes it and puts it live. Run after prepare."""

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from pipeline.registry.prepared import Prepared, load_prepared
from pipeline.registry.registry import Artifacts, open_artifacts
from pipeline.registry.signed_folder import Sealed
from pipeline.setting_tables import TrainingSettings
from pipeline.settings import Settings, load_settings
from pipeline.store.feedback_log import count_feedback
from pipeline.store.tables import StoreAway, create_schema, open_store
from scripts.console import Bar, run
from scripts.rollback import note_by_hand

if TYPE_CHECKING:
    from pipeline.model.metrics import Scores


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
    for doubt in version.manifest["doubts"]:
        print(f"Mind: {doubt}")


def train_version(
    settings: Settings, artifacts: Artifacts, prepared: Prepared
) -> tuple[Sealed, "Scores"]:
    """Train on the reference alone and put the version live."""
    from pipeline.explain.importance import importance_files
    from pipeline.model.metrics import score_predictions
    from pipeline.model.training import predict, train
    from pipeline.retraining.doubts import find_doubts

    bar, before = Bar(), artifacts.lineage()
    wanted, tried = choose(settings.training, prepared, bar)
    trained = train(prepared.reference, wanted, bar)
    holdout = prepared.holdout
    predictions = predict(trained.model, holdout.values)
    scores = score_predictions(prepared.embedding.schema.labels, holdout.targets, predictions)
    bar("importance", 0.0)
    explained = importance_files(prepared, trained.scorer(), settings.training)
    bar("importance", 1.0)
    facts = {
        **prepared.facts(),
        **trained.facts(),
        "parent": next(iter(before), None),
        "trigger": "by hand",
        "classifiers_tried": tried,
        "doubts": find_doubts(prepared, trained.out_of_sample.scores),
        "production_through": feedback_so_far(settings) if before else 0,
        "scores": {"holdout": asdict(scores), "recent": None},
    }
    version = artifacts.publish({**prepared.embedding_files(), **trained.files, **explained}, facts)
    artifacts.activate(version.manifest["version"])
    if before:
        note_by_hand(settings, version.manifest["version"], before)
    bar.close()
    return version, scores


def choose(
    wanted: TrainingSettings, prepared: Prepared, bar: Bar
) -> tuple[TrainingSettings, dict[str, float]]:
    """The settings with a classifier instead of `auto`, and what was tried for it."""
    from pipeline.auto.classifier_choice import choose_classifier, is_open, settled

    if not is_open(wanted, prepared.embedding.schema.kind == "image"):
        return settled(wanted, None), {}
    choice = choose_classifier(prepared.reference, wanted, bar)
    print(choice)
    return wanted.model_copy(update={"classifier": choice.classifier}), choice.tried


def feedback_so_far(settings: Settings) -> int:
    """Rows from before this version are none that could show whether it holds up."""
    engine = open_store(settings.store)
    try:
        create_schema(engine)
        with engine.connect() as connection:
            return count_feedback(connection)
    except (SQLAlchemyError, StoreAway) as error:
        reason = str(error).splitlines()[0]
        print(f"The store is away, so the feedback was not counted: {reason}", file=sys.stderr)
        return 0
    finally:
        engine.dispose()


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
        served = f"compiled, the same labels as scikit-learn's on {parity['points']} points"
    return f"Version {manifest['version']} is live in {version.folder}, {served}."


if __name__ == "__main__":
    run(main)
