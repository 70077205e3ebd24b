"""An installation and its store, for tests that give feedback and look at what is decided."""

import itertools
import json
import time
from dataclasses import replace

import numpy as np

from pipeline.auto.classifier_choice import settled
from pipeline.model.training import holdout_files, score_holdout, train
from pipeline.registry.prepared import load_prepared
from pipeline.retraining.retrain import retrain
from pipeline.store.database import connect, create_schema
from pipeline.store.decision_log import latest
from pipeline.store.encoding import pack
from pipeline.store.feedback_log import request_retraining, write_feedback
from pipeline.store.records import Feedback, InlineObservation


class Loop:
    """The loop without its services; feedback is written as serving writes it."""

    def __init__(self, installation):
        self.installation = installation
        self.settings = installation.settings()
        self.artifacts = installation.artifacts()
        self.engine = connect(self.settings.store)
        create_schema(self.engine)
        self.prepared = load_prepared(self.settings, self.artifacts)
        self.random, self._numbers = np.random.default_rng(0), itertools.count()

    @property
    def live(self):
        return self.artifacts.live_history()[0]

    def feed(self, rows, flipped=0.0, label=None):
        """Give feedback on vectors like those of the reference; a share of it is wrong."""
        reference = self.prepared.reference
        pool = np.arange(len(reference))
        if label is not None:
            pool = pool[reference.targets == label]
        picked = self.random.choice(pool, size=rows)
        noise = 0.02 * self.random.normal(size=(rows, reference.values.shape[1]))
        values = reference.values[picked] + noise * reference.values.std(axis=0)
        wrong = self.random.random(rows) < flipped
        targets = np.where(wrong, self.flip(reference.targets[picked]), reference.targets[picked])
        name = self.prepared.embedding.embedding_id
        given = [
            Feedback(
                target,
                observed=InlineObservation(b"{}", pack(vector), 0.0, name, target),
                feedback_id=f"fed-{next(self._numbers)}",  # it settles which rows judge
            )
            for vector, target in zip(values, targets.tolist(), strict=True)
        ]
        with self.engine.begin() as connection:
            return write_feedback(connection, given, self.settings.retraining.every)

    def flip(self, targets):
        labels = self.prepared.embedding.schema.labels
        following = dict(zip(labels, [*labels[1:], labels[0]], strict=True))
        return np.array([following[target] for target in targets.tolist()])

    def request(self):
        with self.engine.begin() as connection:
            return request_retraining(connection, "by hand")

    def retrain(self, progress=lambda stage, share: None):
        return retrain(self.settings, self.artifacts, self.engine, "by hand", progress)

    def decisions(self):
        with self.engine.connect() as connection:
            return latest(connection, 50)

    def publish(self, share=0.0, **facts):
        """A version trained on the reference, of which a share of the labels is wrong."""
        reference = self.prepared.reference
        wrong = np.random.default_rng(1).random(len(reference)) < share
        targets = np.where(wrong, self.flip(reference.targets), reference.targets)
        trained = train(replace(reference, targets=targets), settled(self.settings.training, None))
        holdout = self.prepared.holdout
        scored = holdout_files(score_holdout(trained.model, holdout), holdout)
        version = self.artifacts.publish(
            {**self.prepared.embedding_files(), **trained.files, **scored},
            {
                **self.prepared.facts(),
                **trained.facts(),
                "trigger": "by hand",
                "parent": self.live,
                "decision": "promoted: for a test",
                "numbers": {"recent": 0.9},
                **facts,
            },
        )
        return str(version.manifest["version"])

    def wait_until_decided(self, seconds=60.0):
        """The decisions, once nothing waits or runs."""
        deadline = time.monotonic() + seconds
        while any(row["state"] in ("queued", "running") for row in self.decisions()):
            assert time.monotonic() < deadline, self.decisions()
            time.sleep(0.05)
        return self.decisions()


def give_feedback(loop, damage=lambda row: row, rows=60, first=0):
    """Feedback on rows of the holdout, damaged on their way; its labels are right."""
    held = loop.prepared.holdout_rows()
    name = loop.prepared.embedding.embedding_id
    given = []
    for place in range(first, first + rows):
        vector = loop.prepared.embedding.embed(held.values[place : place + 1])[0][0]
        observed = json.dumps(damage(held.values[place].tolist())).encode()
        target = str(held.targets[place])
        inline = InlineObservation(observed, pack(vector), 0.0, name, target)
        given.append(Feedback(target, observed=inline, feedback_id=f"given-{place}"))
    with loop.engine.begin() as connection:
        write_feedback(connection, given, loop.settings.retraining.every)
