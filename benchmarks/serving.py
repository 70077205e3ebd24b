"""`python -m benchmarks.serving`: CPU, throughput, latency and memory of Boucle and its rivals.

All servers are up at once and loaded in turn, so that noise of the machine meets each of them;
those that wait are stopped.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks import table
from benchmarks.contenders import Contender, core_contenders
from benchmarks.load import CONNECTIONS, Burst, MeasurementError, measure
from benchmarks.processes import resident_megabytes
from benchmarks.rivals.peers import peer_contenders
from benchmarks.servers import Server, awake, free_port, running

CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "boucle-benchmarks"


@dataclass(frozen=True)
class Bench:
    """Where a run keeps its files, and the core that the servers have for themselves."""

    folder: Path
    core: int | None
    seconds: int


def main() -> int:
    options = parse_options()
    if shutil.which("wrk") is None:
        print("wrk is missing: install it, on Debian with `apt-get install wrk`.", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: sys.exit(128 + number))  # the servers end too
    with tempfile.TemporaryDirectory(prefix="boucle-", dir=options.folder) as folder:
        core = claim_core()
        bench = Bench(Path(folder).resolve(), core, options.seconds)
        results = run(bench, options.contenders, options.rounds)
    text = f"{table.describe_machine()}.\n{describe_run(options, core)}\n\n{table.render(results)}"
    print(f"\n{text}")
    if options.write:
        table.write(text, options.write)
    return int(any(results[name].failure for name in core_contenders() if name in results))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=1, help="load for each in each round")
    parser.add_argument("--only", metavar="NAME[,NAME]", help="measure these, peers included")
    parser.add_argument("--peers", action="store_true", help="measure other model servers too")
    parser.add_argument("--cache", type=Path, default=CACHE, help="environments of the peers")
    parser.add_argument("--folder", type=Path, help="for data and records; give a real disk")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this file")
    options = parser.parse_args()
    core, peers = core_contenders(), peer_contenders(options.cache.resolve())
    known = core | peers
    names = options.only.split(",") if options.only else [*core, *(peers if options.peers else ())]
    if unknown := [name for name in names if name not in known]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
    options.contenders = {name: known[name] for name in names}
    return options


def claim_core() -> int | None:
    """Keep wrk and ourselves on the second core; the first is for the server under load."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        return None
    os.sched_setaffinity(0, {cores[1]})
    return cores[0]


def describe_run(options: argparse.Namespace, core: int | None) -> str:
    pinned = f"server on core {core}, wrk on another" if core is not None else "one core for all"
    return (
        f"Median of {options.rounds} interleaved rounds of {options.seconds} s, "
        f"{CONNECTIONS} connections, {pinned}; ratios are medians of each round's. "
        f"Memory is the sum over a server's processes."
    )


def run(bench: Bench, contenders: dict[str, Contender], rounds: int) -> dict[str, table.Result]:
    results = {name: table.Result(c.label, c.echo) for name, c in contenders.items()}
    with ExitStack() as stack:
        servers = {}
        for name, contender in contenders.items():
            print(f"starting {name}", flush=True)
            try:
                server = servers[name] = start(bench, name, contender, stack)
                results[name].label += f" {server.note.strip()}".rstrip()
            except MeasurementError as error:
                fail(name, results[name], error)
        for number in range(rounds):
            visit_all(bench, servers, results, number)
    return results


def start(bench: Bench, name: str, contender: Contender, stack: ExitStack) -> Server:
    """Start one server and warm it up."""
    folder, port = bench.folder / name, free_port()
    folder.mkdir()
    launch = contender.start(port, folder)
    server = stack.enter_context(running(launch, port, folder / "server.log", bench.core))
    with awake(server):
        load(server, 1, folder)
    return server


def load(server: Server, seconds: int, folder: Path) -> Burst:
    return measure(server.pid, server.port, server.request, seconds, folder)


def visit_all(
    bench: Bench, servers: dict[str, Server], results: dict[str, table.Result], number: int
) -> None:
    """Load each server once; each round begins with another one."""
    names = [name for name in servers if not results[name].failure]
    turn = number % max(len(names), 1)
    for name in names[turn:] + names[:turn]:
        server, result = servers[name], results[name]
        try:
            with awake(server):
                burst = load(server, bench.seconds, bench.folder)
                result.megabytes = resident_megabytes(server.pid)
        except MeasurementError as error:
            fail(name, result, error)
            continue
        result.bursts.append(burst)
    cpu = ", ".join(f"{n} {results[n].bursts[-1].cpu:.0f}" for n in names if results[n].bursts)
    print(f"round {number + 1}, µs of CPU: {cpu}", flush=True)


def fail(name: str, result: table.Result, error: Exception) -> None:
    result.failure = str(error).replace("|", "/")
    print(f"{name}: {result.failure}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
