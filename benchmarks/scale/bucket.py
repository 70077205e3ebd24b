"""`python -m benchmarks.scale.bucket`: versions under races, kills, damage, and without it.

[--write docs/performance.md] [--turns 200] [--away 20]. The bucket is moto's S3 on this machine; a
gate in front of it is shut. `make reliability` does the same and asserts it.
"""

import argparse
import functools
import logging
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.markdown import describe_machine, write_between
from benchmarks.sites import describe_company
from tests.reliability.bucket_trials import damage, kill_publishers, predict_steadily, race
from tests.support.models_and_records.installations import (
    Installation,
    into_bucket,
    make_installation,
)
from tests.support.models_and_records.loops import Loop
from tests.support.models_and_records.places import InBucket
from tests.support.models_and_records.versions import publish_small
from tests.support.processes.buckets import Bucket
from tests.support.processes.gates import Gate, gated
from tests.support.processes.servers import serving, wait_for

A_SECOND, MOVES = 200, 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale.bucket", description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--away", type=float, default=20, help="seconds without the bucket")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    logging.getLogger("pipeline").setLevel(logging.CRITICAL)  # each refusal is counted
    with tempfile.TemporaryDirectory(prefix="boucle-") as name, Bucket.started() as bucket:
        folder = Path(name)
        lines = [*measure_promises(bucket, folder, options.turns), *measure_costs(bucket, folder)]
        made = make_installation(folder / "made", "breast_cancer")
        with gated(bucket) as gate:
            lines += measure_away(into_bucket(made, f"{bucket.url}/live"), gate, options.away)
    head = "| what | |\n| --- | --- |"
    rows = [f"| {what} | {found} |" for what, found in lines]
    where = f"{describe_machine()}, {describe_company()}. The bucket: moto's S3 beside it."
    text = "\n".join([head, *rows, "", where])
    print(text)
    if options.write:
        write_between(options.write, "bucket", text)


def versions_in(bucket: Bucket, folder: Path, name: str) -> InBucket:
    return InBucket(f"{bucket.url}/{name}", folder / name)


def measure_promises(bucket: Bucket, folder: Path, turns: int) -> list[tuple[str, str]]:
    raced = race(versions_in(bucket, folder, "races"), turns)
    killed = kill_publishers(versions_in(bucket, folder, "kills"), turns)
    cut = killed.pop("cut within a version")
    damaged = damage(versions_in(bucket, folder, "damages"), turns)
    return [
        (f"{turns} races of two trainers for CURRENT", describe(raced)),
        (f"{turns} publishers killed, {cut} of them within a version: CURRENT", describe(killed)),
        (f"{turns} objects cut, changed, foreign or away", describe(damaged)),
    ]


def describe(told: Counter[str]) -> str:
    return ", ".join(f"{what} {count}" for what, count in sorted(told.items()))


def measure_costs(bucket: Bucket, folder: Path) -> list[tuple[str, str]]:
    registry = versions_in(bucket, folder, "costs").registry
    took: dict[str, list[float]] = {"publish": [], "activate": [], "look at CURRENT": []}
    for _ in range(MOVES):
        number = clock(took["publish"], lambda: publish_small(registry)).manifest["version"]
        clock(took["activate"], functools.partial(registry.activate, number))
        clock(took["look at CURRENT"], registry.live_history)
    return [(f"{what}, ms", f"{median(times):.1f}") for what, times in took.items()]


def clock(times: list[float], do: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    done = do()
    times.append((time.perf_counter() - began) * 1000)
    return done


def measure_away(installation: Installation, gate: Gate, seconds: float) -> list[tuple[str, str]]:
    loop, followed = Loop(installation), list[float]()
    held = loop.prepared.holdout_rows()
    assert held is not None
    features = held.values[0].tolist()
    pause = functools.partial(time.sleep, seconds)
    lines = []
    with serving(installation) as server:

        def promote() -> None:
            number = loop.publish()
            loop.artifacts.activate(number)
            live = lambda: server.client.get("/model").json()["version"] == number  # noqa: E731
            clock(followed, lambda: wait_for(live))

        for what, steps in (
            (f"{seconds:g} s with the bucket", (pause,)),
            (
                f"{seconds:g} s without it, and until a new version is live",
                (gate.shut, pause, gate.open, promote),
            ),
        ):
            statuses, took = predict_steadily(server, features, A_SECOND, steps)
            failed = sum(statuses.values()) - statuses[200]
            p50, p99 = median(took), quantiles(took, n=100)[98]
            said = (
                f"{statuses[200]:,} answered, {failed} failed, p50 {p50:.1f} ms, p99 {p99:.1f} ms"
            )
            lines.append((f"{A_SECOND} predictions a second, {what}", said))
    loop.engine.dispose()
    return [*lines, ("a version is live in serving after activate, ms", f"{followed[0]:.0f}")]


if __name__ == "__main__":
    main()
