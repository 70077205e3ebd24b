"""`python -m benchmarks.records`: /history, /predictions and /review beside a million predictions.

[--write docs/performance.md] [--rows 1000000]
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles

import numpy as np
from sqlalchemy import Engine, insert, update

from benchmarks.markdown import describe_machine, write_between
from benchmarks.serving.load import send
from benchmarks.serving.processes import resident_megabytes
from benchmarks.serving.servers import Server
from benchmarks.sites import Site, describe_company
from pipeline.history.sums import HistoryKeeper
from pipeline.registry.prepared import load_prepared
from pipeline.registry.registry import open_registry
from pipeline.store.database import connect, create_schema
from pipeline.store.encoding import rows_to_bytes
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.records import new_ids
from pipeline.store.tables import feedback, state

PART, DAYS, ANSWERED = 10_000, 100, 5
REQUESTS = {
    "curves of a day, by minute": "/history?from={end-43200}&to={end}&step=minute",
    "curves of a month, by hour": "/history?from={end-2500000}&to={end}&step=hour",
    "curves of all, by day": "/history?from=0&to={end}&step=day",
    "the newest 50": "/predictions",
    "50 of one label, not answered": "/predictions?label=malignant&feedback=without",
    "wrong ones": "/predictions?feedback=wrong",
    "least sure, from the middle": "/predictions?most_confidence=0.6&to={end-4000000}",
    "a label that nobody has": "/predictions?label=none",
    "one, with its neighbours": "/predictions/{id}",
    "what to check next": "/review?limit=1",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.records", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        site = Site(Path(name))
        engine = connect(site.settings().store)
        create_schema(engine)
        ids = fill(site, engine, options.rows)
        cost = sum_up(engine)
        with site.serving() as server:
            lines = [measure(site, server, ids, what, options.requests) for what in REQUESTS]
        engine.dispose()
    head = f"| {options.rows:,} predictions | p50 ms | p95 ms | MB after |\n| --- |" + " ---: |" * 3
    told = f"Sums cost {cost:.1f} µs of CPU a prediction, beside the requests."
    where = f"{describe_machine()}, {describe_company()}."
    text = "\n".join([head, *lines, "", told, "", where])
    print(text)
    if options.write:
        write_between(options.write, "records", text)


def fill(site: Site, engine: Engine, rows: int) -> list[str]:
    """Predictions over some days up to now, every fifth with an answer; returns some ids."""
    settings = site.settings()
    prepared = load_prepared(settings, open_registry(settings.artifacts))
    reference, name = prepared.reference, prepared.embedding.embedding_id
    random, began = np.random.default_rng(0), time.time() - DAYS * 86_400
    kept, seq = [], 0
    for start in range(0, rows, PART):
        count = min(PART, rows - start)
        at = began + (start + count) / rows * DAYS * 86_400 - 1
        picked = random.integers(0, len(reference), count)
        vectors = rows_to_bytes(reference.values[picked])
        sure = random.uniform(0.5, 1.0, count)
        shares = rows_to_bytes(np.stack([sure, 1 - sure], axis=1))
        said = reference.targets[picked].tolist()
        ids = new_ids(at, count)
        seen = b"[" + b",".join([b"13.37"] * 30) + b"]"
        facts = zip(ids, vectors, said, shares, strict=True)
        written = [(i, at, "0001", name, seen, v, 0.1, p, s) for i, v, p, s in facts]
        with contextlib.closing(PredictionWriter(engine)) as log:
            log.write(written)
        seq = give(engine, written[::ANSWERED], random, seq)
        kept.append(ids[0])
    return kept


def give(
    engine: Engine, rows: Sequence[tuple[object, ...]], random: np.random.Generator, seq: int
) -> int:
    """Feedback on some predictions, one in ten of them wrong."""
    answers = []
    for place, (number, at, version, name, _seen, vector, residual, said, _) in enumerate(rows, 1):
        other = "benign" if said == "malignant" else "malignant"
        answers.append(
            {
                "seq": seq + place,
                "id": number,
                "prediction_id": number,
                "at": at,
                "predicted_at": at,
                "version": version,
                "embedding_id": name,
                "vector": vector,
                "pca_residual": residual,
                "prediction": said,
                "target": other if random.random() < 0.1 else said,
            }
        )
    with engine.begin() as connection:
        connection.execute(insert(feedback), answers)
        counter = update(state).where(state.c.name == "feedback_rows")
        connection.execute(counter.values(value=seq + len(answers)))
    return seq + len(answers)


def sum_up(engine: Engine) -> float:
    """Microseconds of CPU that the sums take for each prediction."""
    keeper = HistoryKeeper(engine, lambda _version: [0.0, 0.5, 1.0])
    keeper.update()
    began, rows = time.process_time(), 0
    while taken := keeper.update():
        rows += taken
    return (time.process_time() - began) / rows * 1e6


def measure(site: Site, server: Server, ids: Sequence[str], what: str, requests: int) -> str:
    """A line of the table."""
    took, now = [], int(time.time())
    for turn in range(requests):
        path = REQUESTS[what].replace("{id}", ids[turn % len(ids)])
        for past in (43200, 2500000, 4000000):
            path = path.replace(f"{{end-{past}}}", str(now - past))
        began = time.perf_counter()
        send(site.port, path.replace("{end}", str(now)))
        took.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(took, n=20)
    megabytes = resident_megabytes(server.pid)
    return f"| {what} | {cuts[9]:.1f} | {cuts[18]:.1f} | {megabytes:.0f} |"


if __name__ == "__main__":
    main()
