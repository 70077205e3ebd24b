"""`python -m benchmarks.scale.replicas`: 1, 2 and 4 replicas of serving over one PostgreSQL.

[--write docs/performance.md] [--turns 5] [--seconds 4]. All of them, PostgreSQL and wrk share the
cores of one machine, so the rates say little: what each part costs a prediction says where the
next wall is. Needs wrk and PostgreSQL's programs.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from sqlalchemy import Executable, func, select, text

from benchmarks.markdown import describe_machine, write_between
from benchmarks.serving.load import Load, MeasurementError, run_wrk
from benchmarks.serving.processes import all_processes, cpu_seconds
from benchmarks.serving.servers import Launch, Server, awake, free_port, running
from benchmarks.sites import Site, describe_company
from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect, create_schema
from pipeline.store.tables import predictions
from tests.support.processes.postgres import Cluster, find_programs

REPLICAS, CONNECTIONS = (1, 2, 4), 32
HEADER = (
    "| replicas | predictions/s | p99 ms | serving, µs of CPU each | PostgreSQL, µs each "
    "| bytes of WAL each |\n|" + " ---: |" * 6
)


class Turn(NamedTuple):
    rate: float
    p99: float
    serving: float
    postgres: float
    wal: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.scale.replicas", description=__doc__)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="boucle-")))
        cluster = stack.enter_context(postgres())
        site = Site(folder)
        url = cluster.make_database()
        servers = [stack.enter_context(start(site, url, place)) for place in range(max(REPLICAS))]
        turns: dict[int, list[Turn]] = {count: [] for count in REPLICAS}
        for _ in range(options.turns):
            for count in REPLICAS:
                turns[count].append(load(servers[:count], cluster, url, folder, options.seconds))
        lines = [describe(count, found) for count, found in turns.items()]
        recorded = count_rows(url)
        size = ask_store(url, text("SELECT pg_total_relation_size('predictions')")) / recorded
    told = (
        f"{recorded:,} predictions were recorded, each batch synced before its answers; a row "
        f"takes {size:,.0f} bytes with its indexes."
    )
    where = f"{describe_machine()}, {describe_company()}."
    table = "\n".join([HEADER, *lines, "", told, "", where])
    print(table)
    if options.write:
        write_between(options.write, "replicas", table)


@contextmanager
def postgres() -> Iterator[Cluster]:
    programs = find_programs()
    if programs is None or shutil.which("wrk") is None:
        raise SystemExit("Needs wrk and PostgreSQL's initdb.")
    cluster = Cluster(programs).start(fsync=True)
    try:
        yield cluster
    finally:
        cluster.remove()


@contextmanager
def start(site: Site, url: str, place: int) -> Iterator[Server]:
    port = free_port()
    own = {
        "BOUCLE_SERVING__PORT": str(port),
        "BOUCLE_SERVING__REPLICAS": str(max(REPLICAS)),
        "BOUCLE_STORE__URL": url,
        "BOUCLE_STORE__SPOOL": str(site.folder / f"spool-{place}"),
        "BOUCLE_PATHS__DATA": str(site.folder / "data"),
    }
    launch = Launch(site.launch.command, site.launch.request, {**site.environment, **own})
    with running(launch, port, site.folder / f"server-{place}.log", None) as server:
        yield server


def load(servers: list[Server], cluster: Cluster, url: str, folder: Path, seconds: int) -> Turn:
    """The same number of clients, spread over the replicas; the others sleep."""
    each = Load(CONNECTIONS // len(servers), seconds)
    with ExitStack() as stack, ThreadPoolExecutor(len(servers)) as pool:
        for server in servers:
            stack.enter_context(awake(server))
        before, wal = spent(servers, cluster), wal_bytes(url)

        def ask(server: Server) -> dict[str, float]:
            own = folder / f"wrk-{server.port}"
            own.mkdir(exist_ok=True)
            return run_wrk(server.port, server.request, each, own)

        seen = list(pool.map(ask, servers))
        after, wal = spent(servers, cluster), wal_bytes(url) - wal
    if any(one["bad"] or one["broken"] for one in seen):
        raise MeasurementError(f"some requests failed: {seen}")
    requests = sum(one["requests"] for one in seen)
    serving, postgres = (
        1e6 * (end - begin) / requests for begin, end in zip(before, after, strict=True)
    )
    rate = sum(one["requests"] / one["seconds"] for one in seen)
    return Turn(rate, max(one["p99"] for one in seen), serving, postgres, wal / requests)


def spent(servers: list[Server], cluster: Cluster) -> tuple[float, float]:
    """Seconds of CPU so far, of serving and of PostgreSQL, whose children may have ended."""
    main = cluster.pid
    everyone = all_processes()
    theirs = sum(p.seconds for p in everyone if main in (p.pid, p.parent))
    return sum(cpu_seconds(server.pid) for server in servers), theirs


def wal_bytes(url: str) -> float:
    return float(ask_store(url, text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")))


def count_rows(url: str) -> int:
    time.sleep(1)
    return int(ask_store(url, select(func.count()).select_from(predictions)))


def ask_store(url: str, query: Executable) -> float:
    engine = connect(StoreSettings(url=url))
    try:
        create_schema(engine)
        with engine.connect() as connection:
            return float(connection.scalar(query) or 0)
    finally:
        engine.dispose()


def describe(count: int, turns: list[Turn]) -> str:
    middle = Turn(*(median(column) for column in zip(*turns, strict=True)))
    return (
        f"| {count} | {middle.rate:,.0f} | {middle.p99:.1f} | {middle.serving:.0f} "
        f"| {middle.postgres:.0f} | {middle.wal:,.0f} |"
    )


if __name__ == "__main__":
    main()
