"""Obeys the alias `champion` of MLflow: what somebody moved it to goes live, is judged, or is
refused."""

import logging

from sqlalchemy import Engine

from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.retraining.foreign_model import FOLDER, ForeignRefused
from pipeline.store.decision_log import (
    DECIDED,
    QUEUED,
    REJECTED,
    RUNNING,
    Decision,
    record_decision,
    record_manual_activation,
)
from pipeline.store.feedback_log import request_retraining
from pipeline.store.retraining_queue import find_judgement
from scripts.tracking.foreign_version import fetch_foreign
from scripts.tracking.mlflow_sink import MlflowSink

log = logging.getLogger("tracking")
BY, TRIGGER = "MLflow", "alias in MLflow"


class AliasFollower:
    """Looks at the alias; MLflow may be away, and then each method raises what its client does."""

    def __init__(self, engine: Engine, artifacts: ModelRegistry, sink: MlflowSink) -> None:
        self._engine = engine
        self._artifacts = artifacts
        self._sink = sink
        self._model = sink.model

    def step(self) -> bool:
        """True while a judgement is waited for: so long the alias stays where it was put."""
        own, ours = self._model.aliases().get("champion"), self._model.last_champion()
        if own is None or ours is None or own == ours:
            return False
        number = self._model.our_version_of(own)
        if number is not None:
            self._activate(own, number)
        elif not self._is_judged(own):
            return True
        live = self._artifacts.live_history()
        self._model.set_aliases({"champion": live[0] if live else None})
        return False

    def _activate(self, own: str, number: str) -> None:
        before = self._artifacts.live_history()
        try:
            self._artifacts.activate(number)
        except UntrustedArtifact as refusal:
            self._refuse(own, str(refusal).rstrip("."))
            self._model.tell(own, f"Boucle did not put it live: {refusal}")
        else:
            with self._engine.begin() as connection:
                record_manual_activation(connection, number, before, BY, TRIGGER)
            log.info("Version %s is live, by MLflow", number)

    def _is_judged(self, own: str) -> bool:
        """Of a version that was not trained here. The verdict is told, then the alias moves on."""
        name = f"mlflow-{own}-{self._model.created_at(own)}"
        with self._engine.execution_options(readonly=True).connect() as connection:
            found = find_judgement(connection, name)
        if found is None or self._model.told_judgement(own) == str(found.id):
            self._ask(own, name)
            return False
        untold = found.state in DECIDED and self._sink.is_new(f"decision-{found.id}")
        if found.state in (QUEUED, RUNNING) or untold:  # MLflow does not hold our version yet
            return False
        log.info("MLflow's version %s: %s", own, found.reason)
        self._model.tell(own, f"Boucle: {found.reason}", str(found.id))
        self._artifacts.place.delete(f"{FOLDER}/{name}")
        return True

    def _ask(self, own: str, name: str) -> None:
        """Leave the model to the trainer, and let it judge; or refuse it at once."""
        try:
            said = f"MLflow's version {own}"
            given = fetch_foreign(self._model.address_of(own), said, self._artifacts.trusted)
        except ForeignRefused as refusal:
            self._refuse(own, str(refusal), name)
            return
        self._artifacts.place.write(f"{FOLDER}/{name}", given.to_bytes())
        with self._engine.begin() as connection:
            request_retraining(connection, TRIGGER, actor=BY, foreign_model=name)
        log.info("MLflow's version %s is to be judged", own)

    def _refuse(self, own: str, reason: str, name: str | None = None) -> None:
        log.warning("MLflow's version %s is refused: %s", own, reason)
        live = next(iter(self._artifacts.live_history()), None)
        said = f"rejected: {reason} (MLflow's version {own})"
        with self._engine.begin() as connection:
            record_decision(connection, TRIGGER, Decision(REJECTED, said, None, live), BY, name)
