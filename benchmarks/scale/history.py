"""`python -m benchmarks.scale.history`: old rows moved with kills, counted, and read back.

A mover is killed ten times at random moments and started again; then every prediction and every
answer must be there, once. [--write docs/performance.md] [--rows 1000000]
"""

import argparse
import contextlib
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Engine, insert, update

from benchmarks.markdown import describe_machine, write_between
from pipeline.parquet_files.file_records import open_history
from pipeline.parquet_history.moving import HistoryMover
from pipeline.parquet_history.reading import Filter, read_history
from pipeline.production.production_rows import read_production_rows
from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect, create_schema
from pipeline.store.encoding import pack, rows_to_bytes
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.records import new_ids
from pipeline.store.tables import feedback, state

PART, DAYS, ANSWERED, FEATURES = 10_000, 100, 5, 30
KILLS, LEAST_SECONDS, MOST_SECONDS = 10, 0.5, 3.0
KEPT = 500  # as reporting.window is by default


@dataclass(frozen=True)
class Site:
    folder: Path

    @property
    def settings(self) -> StoreSettings:
        url = f"sqlite:///{self.folder / 'boucle.db'}"
        return StoreSettings(url=url, history=str(self.folder / "history"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.history", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--mover", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.mover:
        move(Site(options.mover))
        return
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        text = measure(Site(Path(name)), options.rows)
    print(text)
    if options.write:
        write_between(options.write, "history", text)


def measure(site: Site, rows: int) -> str:
    engine = connect(site.settings)
    create_schema(engine)
    ids = fill(engine, rows)
    before = used_megabytes(engine)
    kills, seconds = move_with_kills(site)
    after, files = used_megabytes(engine), list(open_history(engine).names())
    size = sum((site.folder / "history" / file).stat().st_size for file in files) / 1e6
    began = time.perf_counter()
    check(engine, ids)
    read = time.perf_counter() - began
    began = time.perf_counter()
    labelled = len(read_production_rows(engine, "e"))
    trained = time.perf_counter() - began
    engine.dispose()
    lines = [
        f"| {rows:,} predictions, every fifth answered, {kills} kills | |",
        "| --- | ---: |",
        "| rows lost, rows doubled | 0, 0 |",
        f"| rows moved a second, with the kills and restarts | {rows / seconds:,.0f} |",
        f"| rows read back a second | {rows / read:,.0f} |",
        f"| {labelled:,} labelled rows, read for a training | {trained:.1f} s |",
        f"| records in the database, before and after | {before:,.0f} MB, {after:,.0f} MB |",
        f"| Parquet | {size:,.0f} MB in {len(files):,} files |",
    ]
    return "\n".join([*lines, "", f"{describe_machine()}."])


def fill(engine: Engine, rows: int) -> list[str]:
    """Predictions over some days, every fifth with an answer; returns their ids."""
    chance, began = np.random.default_rng(0), time.time() - DAYS * 86_400
    ids: list[str] = []
    shares = pack(np.array([0.8, 0.2]))
    for start in range(0, rows, PART):
        count = min(PART, rows - start)
        at = began + start / rows * DAYS * 86_400
        values = chance.normal(size=(count, FEATURES)).round(4)
        seen = [str(row).encode() for row in values.tolist()]
        new = new_ids(at, count)
        facts = zip(new, seen, rows_to_bytes(values), strict=True)
        written = [(i, at, "0001", "e", s, v, 0.1, "yes", shares) for i, s, v in facts]
        with contextlib.closing(PredictionWriter(engine)) as log:
            log.write(written)
        give(engine, written[::ANSWERED], len(ids) // ANSWERED)
        ids += new
    return ids


def give(engine: Engine, rows: Sequence[tuple[object, ...]], seq: int) -> None:
    """The answers to some predictions, a minute later."""
    names = ("id", "at", "version", "embedding_id", "vector", "pca_residual", "prediction")
    answers = []
    for place, row in enumerate(rows, 1):
        number, at, version, name, _, vector, residual, said, _ = row
        known = (number, at, version, name, vector, residual, said)
        told = {"seq": seq + place, "prediction_id": number, "predicted_at": at, "target": "no"}
        answers.append({**dict(zip(names, known, strict=True)), **told})
    with engine.begin() as connection:
        connection.execute(insert(feedback), answers)
        counter = update(state).where(state.c.name == "feedback_rows")
        connection.execute(counter.values(value=seq + len(answers)))


def move(site: Site) -> None:
    engine = connect(site.settings)
    HistoryMover(engine, time.time(), KEPT).run()
    engine.dispose()


def move_with_kills(site: Site) -> tuple[int, float]:
    """How many kills met a mover, and for how long movers ran."""
    command = [sys.executable, "-m", "benchmarks.scale.history", "--mover", str(site.folder)]
    chance, kills, began = random.Random(), 0, time.perf_counter()
    while kills < KILLS:
        mover = subprocess.Popen(command)
        try:
            code = mover.wait(timeout=chance.uniform(LEAST_SECONDS, MOST_SECONDS))
        except subprocess.TimeoutExpired:
            mover.kill()
            mover.wait()
            kills += 1
        else:
            if code:
                raise SystemExit(f"a mover failed: {code}")
            return kills, time.perf_counter() - began
    subprocess.run(command, check=True)
    return kills, time.perf_counter() - began


def check(engine: Engine, ids: Sequence[str]) -> None:
    """That each row is there once, and nothing else."""
    left, answers = set(ids), 0
    for row in read_history(engine, Filter(), {}):
        if row.prediction_id not in left:
            raise SystemExit(f"{row.prediction_id} is doubled, or was never written")
        left.remove(row.prediction_id)
        answers += row.target is not None
    if left or answers != len(range(0, len(ids), ANSWERED)):
        raise SystemExit(f"{len(left):,} rows are lost; {answers:,} answers were found")


def used_megabytes(engine: Engine) -> float:
    """Of the pages of SQLite that hold something: its file does not shrink, it is filled again."""
    with engine.connect() as connection:
        ask = connection.exec_driver_sql
        counts = [ask(f"PRAGMA {name}").scalar_one() for name in ("page_count", "freelist_count")]
        return (counts[0] - counts[1]) * ask("PRAGMA page_size").scalar_one() / 1e6


if __name__ == "__main__":
    main()
