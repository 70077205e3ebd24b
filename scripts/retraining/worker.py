"""The worker that retrains: claims a job, trains in a child, puts what the gate passes live."""

import contextlib
import logging
import os
import secrets
import socket
import time

from sqlalchemy import Engine

from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.registry import ModelRegistry, ParentReplaced
from pipeline.retraining.rollback import RollbackWatch
from pipeline.retraining.shadow import ShadowWatch, in_shadow
from pipeline.settings import Settings
from pipeline.store.database import create_schema
from pipeline.store.decision_log import (
    FAILED,
    PROMOTED,
    ROLLED_BACK,
    Decision,
    last_requested_at,
    record_decision,
)
from pipeline.store.feedback_log import count_feedback, request_retraining
from pipeline.store.retraining_queue import (
    Job,
    LeaseLost,
    claim,
    finish,
    lock_queue,
    put_back,
    report_progress,
    requeue,
)
from scripts.retraining.training_process import (
    TrainingFailed,
    TrainingPostponed,
    TrainingProcess,
)

log = logging.getLogger("trainer")
WATCH_SECONDS = 2.0


class Stopped(Exception):
    """The worker was asked to end."""


class TrainingWorker:
    """One worker. `step` does what is due and returns whether it found work."""

    def __init__(self, settings: Settings, artifacts: ModelRegistry, engine: Engine) -> None:
        self._settings = settings
        self._artifacts = artifacts
        self._engine = engine
        self._owner = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._watched_at = 0.0
        self._watched_rows = -1
        self._ready = False
        self._rollbacks = RollbackWatch(artifacts, engine, settings.retraining)
        self._shadows = ShadowWatch(artifacts, engine, settings.retraining)

    def step(self) -> bool:
        if not self._ready:
            create_schema(self._engine)
            self._ready = True
        self._watch()
        with self._engine.begin() as connection:
            wanted = self._settings.retraining
            job = claim(connection, self._owner, wanted.lease_seconds, wanted.attempts)
        if job is not None:
            self._work(job)
        return job is not None

    def _watch(self) -> None:
        """What must not wait for a training to end."""
        if time.monotonic() - self._watched_at > WATCH_SECONDS:
            self._watched_at = time.monotonic()
            self._keep_schedule()
            self._watch_labels()

    def _work(self, job: Job) -> None:
        log.info("Retraining %s begins, attempt %s (%s)", job.id, job.attempts, job.trigger)
        try:
            self._try(job)
        except LeaseLost as error:
            log.warning("%s", error)

    def _try(self, job: Job) -> None:
        try:
            decision = self._decide(job)
            with self._engine.begin() as connection:
                finish(connection, job, self._owner, decision)
            log.info("Retraining %s: version %s %s", job.id, decision.version, decision.reason)
        except TrainingFailed as error:
            self._give_back(job, str(error))
        except ParentReplaced as error:
            self._put_back(job, str(error))
        except TrainingPostponed as error:
            self._put_back(job, str(error), self._settings.retraining.backoff_seconds)
        except ObjectsUnavailable as error:
            self._put_back(job, str(error))
            raise
        except Stopped:
            with contextlib.suppress(LeaseLost):  # it was decided just before
                self._put_back(job, "the trainer was stopped")
            raise

    def _put_back(self, job: Job, reason: str, pause: float = 0.0) -> None:
        with self._engine.begin() as connection:
            put_back(connection, job, self._owner, reason, time.time() + pause)
        log.warning("Retraining %s is put back: %s", job.id, reason)

    def _decide(self, job: Job) -> Decision:
        """Train and judge in a child; what is to be promoted goes live here, under the lease."""
        if job.version is not None and job.version in self._artifacts.live_history()[:1]:
            manifest = self._artifacts.open(job.version).manifest  # live, but not written down
            reason = f"{manifest['decision']} (the trainer was restarted)"
            return Decision(PROMOTED, reason, job.version, manifest["parent"], manifest["numbers"])
        with TrainingProcess(self._settings.retraining, job.trigger, job.foreign_model) as child:
            for stage, share in child.progress():
                self._report(job, stage, share)
                self._watch()
            decision = child.decision()
        if decision.state == PROMOTED and decision.version is not None:
            self._report(job, "going live", 0.99, decision.version)
            self._artifacts.activate(decision.version, instead_of=decision.parent)
        return decision

    def _report(self, job: Job, stage: str, share: float, version: str | None = None) -> None:
        seconds = self._settings.retraining.lease_seconds
        with self._engine.begin() as connection:
            report_progress(connection, job, self._owner, seconds, stage, share, version)

    def _give_back(self, job: Job, reason: str) -> None:
        """Try again later, longer each time; after the last attempt the job has failed."""
        wanted = self._settings.retraining
        with self._engine.begin() as connection:
            if job.attempts >= wanted.attempts:
                said = f"failed after {job.attempts} attempts: {reason}"
                finish(connection, job, self._owner, Decision(FAILED, said))
            else:
                pause = wanted.backoff_seconds * 2 ** (job.attempts - 1)
                requeue(connection, job, self._owner, reason, time.time() + pause)
        log.error("Retraining %s failed in attempt %s: %s", job.id, job.attempts, reason)

    def _keep_schedule(self) -> None:
        hours = self._settings.retraining.schedule_hours
        if not hours:
            return
        with self._engine.begin() as connection:
            lock_queue(connection)
            last = last_requested_at(connection)
            if last is None or time.time() - last > hours * 3600:
                request_retraining(connection, f"schedule, every {hours:g} h", actor="schedule")

    def _watch_labels(self) -> None:
        """What is to be decided anew when labels have come."""
        with self._engine.execution_options(readonly=True).connect() as connection:
            rows = count_feedback(connection)
        if rows == self._watched_rows:
            return
        try:
            if self._settings.retraining.rollback:
                self._roll_back(rows)
            if self._settings.retraining.shadow_rows:
                self._leave_shadow()
        except ObjectsUnavailable as error:  # a training goes on meanwhile
            log.warning("What labels say of the live version is asked again: %s", error)
        else:
            self._watched_rows = rows

    def _leave_shadow(self) -> None:
        """Put what proved itself in shadow live, and write down what did not."""
        while (decision := self._shadows.find()) is not None:
            try:
                with self._engine.begin() as connection:
                    lock_queue(connection)
                    if decision.version not in dict(in_shadow(connection)):
                        return  # another worker has done it
                    if decision.state == PROMOTED and decision.version is not None:
                        self._artifacts.activate(decision.version, instead_of=decision.parent)
                    record_decision(connection, "labels in shadow", decision, actor="trainer")
            except ParentReplaced:
                continue  # it is looked at anew
            log.info("%s", decision.reason)

    def _roll_back(self, rows: int) -> None:
        """Go back to the parent when live feedback shows that it was better."""
        advice = self._rollbacks.find()
        if advice is None:
            return
        numbers = {**advice.numbers, "rows": rows}
        decision = Decision(ROLLED_BACK, advice.reason, advice.parent, advice.version, numbers)
        with self._engine.begin() as connection:
            lock_queue(connection)
            if self._artifacts.live_history()[:1] != [advice.version]:
                return  # another worker has done it
            self._artifacts.activate(advice.parent)
            record_decision(connection, "quality on live feedback", decision, actor="trainer")
        log.warning("%s", advice.reason)
