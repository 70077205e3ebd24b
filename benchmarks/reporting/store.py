"""Stores of many rows, and the CPU of a pass over the latest; used by `__main__.py`."""

import time
from statistics import median

from sqlalchemy import func, select, text

from pipeline.store.tables import predictions
from reporting.exporter.pass_metrics import describe
from reporting.monitoring.model_monitor import ModelMonitor
from reporting.news import FILE
from tests.reporting.traffic import Traffic

SEED_ROWS = 2_000
COPY_PREDICTIONS = """
    INSERT INTO predictions (id, at, version, embedding_id, observation, vector, pca_residual,
        prediction, probabilities)
    SELECT lower(hex(randomblob(16))), at, version, embedding_id, observation, vector,
        pca_residual, prediction, probabilities FROM predictions ORDER BY seq LIMIT :rows"""
COPY_FEEDBACK = """
    INSERT INTO feedback (id, prediction_id, at, predicted_at, version, embedding_id, vector,
        pca_residual, prediction, target)
    SELECT lower(hex(randomblob(16))), lower(hex(randomblob(16))), at, predicted_at, version,
        embedding_id, vector, pca_residual, prediction, target
        FROM feedback ORDER BY seq LIMIT :rows"""


def fill_store(traffic: Traffic, rows: int) -> None:
    """Fill up to so many predictions and answers, by copying; the latest predictions are new."""
    if not count(traffic):
        traffic.run(SEED_ROWS, labelled=SEED_ROWS)
    while (lacking := rows - SEED_ROWS - (there := count(traffic))) > 0:
        with traffic.engine.begin() as connection:
            for query in (COPY_PREDICTIONS, COPY_FEEDBACK):
                connection.execute(text(query), {"rows": min(lacking, there)})
    traffic.run(SEED_ROWS)


def count(traffic: Traffic) -> int:
    with traffic.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(predictions)).scalar_one())


def time_pass(traffic: Traffic, passes: int) -> float:
    """Milliseconds of CPU, the median. The first passes load and see each labelled row once.

    Without a memory they begin at the latest rows, instead of catching up with the others.
    """
    installation = traffic.installation
    wanted = installation.settings().reporting
    (wanted.reports / FILE).unlink(missing_ok=True)
    monitor = ModelMonitor(traffic.engine, installation.artifacts(), wanted)
    for _ in range(2):
        list(describe(monitor.run_pass()))
    return median(_time(monitor) for _ in range(passes))


def _time(monitor: ModelMonitor) -> float:
    start = time.process_time()
    list(describe(monitor.run_pass()))
    return (time.process_time() - start) * 1000
