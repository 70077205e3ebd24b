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

from benchmarks.markdown import describe_machine, write_between
from benchmarks.rivals.peers import peer_contenders
from benchmarks.serving import table
from benchmarks.serving.contenders import Contender, core_contenders
from benchmarks.serving.load import Burst, Load, MeasurementError, make_load, measure
from benchmarks.serving.processes import resident_megabytes
from benchmarks.serving.servers import Server, awake, free_port, running

CACHE = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "boucle-benchmarks"


@dataclass(frozen=True)
class Bench:
    """Where a run keeps its files, and the core that the servers have for themselves."""

    folder: Path
    core: int | None
    loads: list[Load]


Results = dict[str, table.Result]


def main() -> int:
    options = parse_options()
    if shutil.which("wrk") is None:
        print("wrk is missing: install it, on Debian with `apt-get install wrk`.", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: sys.exit(128 + number))  # the servers end too
    with tempfile.TemporaryDirectory(prefix="boucle-", dir=options.folder) as folder:
        core = claim_core()
        loads = [make_load(number, options.seconds) for number in options.connections]
        tables = run(Bench(Path(folder).resolve(), core, loads), options.contenders, options.rounds)
    parts = [f"{describe_machine()}.", describe_run(options, core), *map(say, tables.items())]
    text = "\n".join(parts)
    print(f"\n{text}")
    if options.write:
        write_between(options.write, "serving", text)
    ours = [
        results[name] for results in tables.values() for name in core_contenders().keys() & results
    ]
    return int(any(result.failure for result in ours))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=1, help="load of 16 connections in a round")
    parser.add_argument("--connections", type=read_numbers, default=[16, 64], metavar="N[,N]")
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


def read_numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


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
        f"Medians of {options.rounds} interleaved rounds, {pinned}; ratios are medians of each "
        f"round's. Memory is the sum over a server's processes."
    )


def say(one: tuple[Load, Results]) -> str:
    load, results = one
    title = f"{load.connections} connections, {load.seconds} s in each round:"
    return f"\n{title}\n\n{table.render(results)}"


def run(bench: Bench, contenders: dict[str, Contender], rounds: int) -> dict[Load, Results]:
    """A table for each load."""
    tables = {
        load: {name: table.Result(c.label, c.echo) for name, c in contenders.items()}
        for load in bench.loads
    }
    with ExitStack() as stack:
        servers = {}
        for name, contender in contenders.items():
            print(f"starting {name}", flush=True)
            try:
                server = servers[name] = start(bench, name, contender, stack)
            except MeasurementError as error:
                fail(tables, name, error)
                continue
            for results in tables.values():
                results[name].label += f" {server.note.strip()}".rstrip()
        for number in range(rounds):
            visit_all(bench, servers, tables, number)
    return tables


def start(bench: Bench, name: str, contender: Contender, stack: ExitStack) -> Server:
    """Start one server and warm it up."""
    folder, port = bench.folder / name, free_port()
    folder.mkdir()
    launch = contender.start(port, folder)
    server = stack.enter_context(running(launch, port, folder / "server.log", bench.core))
    with awake(server):
        measure(server.pid, server.port, server.request, bench.loads[0], folder)
    return server


def visit_all(
    bench: Bench, servers: dict[str, Server], tables: dict[Load, Results], number: int
) -> None:
    """Load each server in each way; each round begins with another one."""
    sound = tables[bench.loads[0]]
    names = [name for name in servers if not sound[name].failure]
    turn, costs = number % max(len(names), 1), []
    for name in names[turn:] + names[:turn]:
        server = servers[name]
        try:
            with awake(server):
                bursts = [visit(server, load, tables[load][name], bench) for load in bench.loads]
        except MeasurementError as error:
            fail(tables, name, error)
            continue
        costs.append(f"{name} {'/'.join(f'{burst.cpu:.0f}' for burst in bursts)}")
    print(f"round {number + 1}, µs of CPU: {', '.join(costs)}", flush=True)


def visit(server: Server, load: Load, result: table.Result, bench: Bench) -> Burst:
    burst = measure(server.pid, server.port, server.request, load, bench.folder)
    result.megabytes = resident_megabytes(server.pid)
    result.bursts.append(burst)
    return burst


def fail(tables: dict[Load, Results], name: str, error: Exception) -> None:
    for results in tables.values():
        results[name].failure = str(error).replace("|", "/")
    print(f"{name}: {error}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
