"""Trains a version on the reference alone and puts it live: the first one, or one by hand."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from pipeline.registry.prepared import PreparedData
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import SignedFolder
from pipeline.setting_tables import TrainingSettings
from pipeline.settings import Settings
from pipeline.store.database import connect, create_schema
from pipeline.store.feedback_log import count_feedback
from pipeline.store.records import StoreUnavailable
from scripts.cli.progress_bar import ProgressBar
from scripts.retraining.manual_activation import note_by_hand

if TYPE_CHECKING:
    from pipeline.quality.metrics import ClassificationScores


def train_version(
    settings: Settings, artifacts: ModelRegistry, prepared: PreparedData
) -> tuple[SignedFolder, "ClassificationScores"]:
    """Train on the reference alone and put the version live."""
    from pipeline.explain.importance import importance_files
    from pipeline.model.training import (
        calibration_curve,
        holdout_files,
        predict,
        score_holdout,
        train,
    )
    from pipeline.quality.metrics import score_predictions
    from pipeline.retraining.doubts import find_doubts

    bar, before = ProgressBar(), artifacts.live_history()
    wanted, tried = choose(settings.training, prepared, bar)
    trained = train(prepared.reference, wanted, bar)
    holdout = prepared.holdout
    predictions = predict(trained.model, holdout.values)
    scores = score_predictions(prepared.embedding.schema.labels, holdout.targets, predictions)
    bar("importance", 0.0)
    explained = importance_files(prepared, trained.scorer(), settings.training)
    bar("importance", 1.0)
    of_holdout = score_holdout(trained.model, holdout)
    facts = {
        **prepared.facts(),
        **trained.facts(),
        "parent": next(iter(before), None),
        "trigger": "by hand",
        "classifiers_tried": tried,
        "doubts": find_doubts(prepared, trained.out_of_sample.scores),
        "production_through": feedback_so_far(settings) if before else 0,
        "scores": {"holdout": asdict(scores), "recent": None},
        "calibration": calibration_curve(trained, of_holdout, holdout),
    }
    scored = holdout_files(of_holdout, holdout)
    files = {**prepared.embedding_files(), **trained.files, **scored, **explained}
    version = artifacts.publish(files, facts)
    artifacts.activate(version.manifest["version"])
    if before:
        note_by_hand(settings, version.manifest["version"], before)
    bar.close()
    return version, scores


def choose(
    wanted: TrainingSettings, prepared: PreparedData, bar: ProgressBar
) -> tuple[TrainingSettings, dict[str, float]]:
    """The settings with a classifier instead of `auto`, and what was tried for it."""
    from pipeline.auto.classifier_choice import choose_classifier, is_open, settled

    if not is_open(wanted, prepared.embedding.schema.image is not None):
        return settled(wanted, None), {}
    choice = choose_classifier(prepared.reference, wanted, bar)
    print(choice)
    return wanted.model_copy(update={"classifier": choice.classifier}), choice.tried


def feedback_so_far(settings: Settings) -> int:
    """Rows from before this version are none that could show whether it holds up."""
    engine = connect(settings.store)
    try:
        create_schema(engine)
        with engine.connect() as connection:
            return count_feedback(connection)
    except (SQLAlchemyError, StoreUnavailable) as error:
        reason = str(error).splitlines()[0]
        print(f"The store is away, so the feedback was not counted: {reason}", file=sys.stderr)
        return 0
    finally:
        engine.dispose()
