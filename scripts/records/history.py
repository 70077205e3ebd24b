"""Moves old rows out of the store into Parquet files, and reads both together back.

`move` moves what is older than `store.keep_days` to `store.history`, as the trainer does each hour.
`read`, which is `make history`, writes CSV: what was moved and what the store holds, each row once.
"""

import argparse
import csv
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from pipeline.parquet_history.history_lock import HistoryBusy
from pipeline.parquet_history.moving import HistoryMover
from pipeline.parquet_history.reading import Filter, Names, RecordedRow, read_history
from pipeline.settings import InvalidSetting, Settings, load_settings
from pipeline.store.database import connect, create_schema
from scripts.cli.command import CommandError, run
from scripts.records.observed_names import feature_and_value, observed_names

NICE = 10
COLUMNS = (
    *("prediction_id", "at", "version", "prediction", "confidence", "subject"),
    *("target", "feedback_id", "answered_at"),
)


def main() -> None:
    options = _parse()
    settings = load_settings()
    try:
        if options.what == "move":
            move(settings)
        else:
            read(settings, options)
    except HistoryBusy as error:
        raise CommandError(str(error)) from None


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.records.history", description=__doc__)
    told = parser.add_subparsers(dest="what", required=True)
    told.add_parser("move", help="move what is older than store.keep_days")
    reading = told.add_parser("read", help="write rows as CSV")
    reading.add_argument("--from", dest="begin", type=_moment, help="2026-08-01, or with a time")
    reading.add_argument("--to", dest="end", type=_moment, help="this moment is not included")
    reading.add_argument("--label", help="what was predicted")
    reading.add_argument("--version", help="of the model")
    reading.add_argument("--where", type=feature_and_value, help="feature=value")
    reading.add_argument("--feedback", action="store_true", help="only rows with an answer")
    reading.add_argument("--csv", type=Path, help="a file; without it: standard output")
    return parser.parse_args()


def _moment(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def move(settings: Settings) -> None:
    """Behind whatever else runs on this machine."""
    if not settings.store.history:
        raise InvalidSetting("store.history is empty: old rows are not moved.")
    os.nice(NICE)
    engine = connect(settings.store)
    create_schema(engine)
    before = time.time() - settings.store.keep_days * 86_400
    mover = HistoryMover(engine, before, settings.reporting.window)
    rows = mover.run(lambda file: print(f"{file.rows:,} rows are in {file.name}", flush=True))
    print(f"{rows:,} rows were moved to {settings.store.history}.")
    engine.dispose()


def read(settings: Settings, options: argparse.Namespace) -> None:
    engine = connect(settings.store)
    create_schema(engine)
    names = observed_names(settings)
    given = (options.begin, options.end, options.label, options.version)
    wanted = Filter(*given, options.where, options.feedback)
    rows = read_history(engine, wanted, names)
    if options.csv is None:
        write_rows(sys.stdout, rows, names)
        return
    with options.csv.open("w", encoding="utf-8", newline="") as file:
        count = write_rows(file, rows, names)
    print(f"{options.csv} holds {count:,} rows.")


def write_rows(file: IO[str], rows: Iterator[RecordedRow], names: Names) -> int:
    """Features by name, as far as the live version knows them."""
    features = list(dict.fromkeys(name for known in names.values() for name in known))
    writer, count = csv.writer(file, lineterminator="\n"), 0
    writer.writerow([*COLUMNS, *features])
    for row in rows:
        seen = dict(zip(names.get(row.embedding_id, ()), row.values(), strict=False))
        writer.writerow([*_told(row), *(seen.get(name) for name in features)])
        count += 1
    return count


def _told(row: RecordedRow) -> list[Any]:
    known = {**vars(row), "at": _time(row.at), "confidence": row.confidence()}
    known["answered_at"] = _time(row.answered_at)
    return [known[name] for name in COLUMNS]


def _time(moment: float | None) -> str:
    return "" if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


if __name__ == "__main__":
    run(main)
