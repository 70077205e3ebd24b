"""`python -m benchmarks.streams`: the loop on real tables, beside the plainest things.

Each part prints its table as soon as it is measured; with `--write` they go into
docs/retraining.md, where the last ones stood.
"""

import argparse
import tempfile
import time
import warnings
from pathlib import Path

from benchmarks.markdown import describe_machine, write_between
from benchmarks.streams import abrupt, gate, plays, still, training
from benchmarks.streams.stream import Stream, open_stream
from benchmarks.streams.tables import KEPT_APART, STREAMS
from pipeline.settings import Settings

DOCS = Path(__file__).parents[2] / "docs" / "retraining.md"
PARTS = ("streams", "noise", "often", "still", "gate", "rollback", "abrupt", "tables", "cost")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streams", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, choices=PARTS)
    parser.add_argument("--write", action="store_true", help="into docs/retraining.md")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of folds that lack a label, and the like
    with tempfile.TemporaryDirectory(prefix="boucle-") as folder:
        streams = open_streams(Path(folder), options.parts)
        for part in options.parts:
            began = time.monotonic()
            text = measure(part, streams, Path(folder))
            print(f"\n{text}\n({part}: {time.monotonic() - began:.0f} s)", flush=True)
            if options.write:
                write_between(DOCS, part, text)
    print(f"\n{describe_machine()}.")


def open_streams(folder: Path, parts: list[str]) -> dict[str, Stream]:
    made = STREAMS | (KEPT_APART if "streams" in parts else {})
    return {name: open_stream(make(), folder, Settings()) for name, make in made.items()}


def measure(part: str, streams: dict[str, Stream], folder: Path) -> str:
    first = {name: streams[name] for name in STREAMS}
    parts = {
        "streams": lambda: plays.beside(streams, every=500),
        "noise": lambda: plays.under_noise(first, every=500),
        "often": lambda: plays.beside(first, every=50, names=("never", "plain", "Boucle")),
        "still": still.compare,
        "gate": lambda: gate.power(first),
        "rollback": lambda: gate.rollback_power(first),
        "abrupt": lambda: abrupt.recovery(folder),
        "tables": lambda: training.train_all(folder),
        "cost": lambda: training.cost(first),
    }
    return parts[part]()


if __name__ == "__main__":
    main()
