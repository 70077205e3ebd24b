"""`python -m benchmarks.footprint`: what a Boucle at rest takes, and what it takes to begin.

[--write docs/performance.md] [--install]: with it, also a .venv for running made anew from the
registry, which takes a minute or more and the network. Figures of memory are in MB of 10^6 bytes.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import requests

from benchmarks.markdown import describe_machine, write_between
from benchmarks.serving.processes import family
from benchmarks.serving.servers import ROOT, free_port
from benchmarks.sites import Site, describe_company

HEADER = "| at rest, MB | RSS | PSS | modules |\n| --- | ---: | ---: | ---: |"
START_SECONDS, REST_SECONDS = 120.0, 20.0
SERVICES = {
    "serving": [sys.executable, "-m", "serving"],
    "trainer": [sys.executable, "scripts/trainer.py"],
    "page": [sys.executable, "-m", "streamlit", "run", "webapp/api.py"],
    "reporting": [sys.executable, "-m", "reporting"],
    "status": [sys.executable, "-m", "scripts.stack.local_services"],
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.footprint", description=__doc__)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    parts = [measure_install()] if options.install else []
    with tempfile.TemporaryDirectory(prefix="boucle-") as name, ExitStack() as stack:
        ports = {what: free_port() for what in ("page", "ui", "figures")}
        site = Site(Path(name), **knobs(ports))
        environment = {
            "SERVING_URL": f"http://127.0.0.1:{site.port}",
            "STREAMLIT_SERVER_PORT": str(ports["page"]),
            "STREAMLIT_SERVER_HEADLESS": "true",
            **site.environment,
        }
        pids = {
            what: stack.enter_context(running(command, environment, Path(name) / f"{what}.log"))
            for what, command in SERVICES.items()
        }
        addresses = {
            "serving": f"http://127.0.0.1:{site.port}/readyz",
            "page": f"http://127.0.0.1:{ports['page']}/_stcore/health",
            "figures": f"http://127.0.0.1:{ports['figures']}/metrics",
        }
        for address in addresses.values():
            wait_for(address)
        time.sleep(REST_SECONDS)  # the first report is made, and its process gone
        wait_until_alone(pids["reporting"])
        resting = table(pids)
        wait_for(f"http://127.0.0.1:{ports['ui']}/api/projects")
        looked_at = table(pids).splitlines()[-1].replace("| all", "| all, Evidently opened")
    text = "\n".join(
        [*parts, HEADER, resting, looked_at, "", f"{describe_machine()}, {describe_company()}."]
    )
    print(text)
    if options.write:
        write_between(options.write, "footprint", text)


def knobs(ports: dict[str, int]) -> dict[str, str]:
    return {
        "REPORTING__PORT": str(ports["figures"]),
        "REPORTING__UI_PORT": str(ports["ui"]),
        "REPORTING__REPORTS": "reports",
        "REPORTING__WORKSPACE": "workspace",
    }


@contextmanager
def running(command: list[str], environment: dict[str, str], log: Path) -> Iterator[int]:
    own = dict(environment)
    for name in ("BOUCLE_REPORTING__REPORTS", "BOUCLE_REPORTING__WORKSPACE"):
        own[name] = str(log.parent / own[name])
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **own}, stdout=output, stderr=output
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if requests.get(address, timeout=5).ok:
                return
        except requests.RequestException:
            pass
        if time.monotonic() > deadline:
            raise SystemExit(f"{address} is not up")
        time.sleep(0.2)


def wait_until_alone(pid: int) -> None:
    """Until reporting has no report in the making."""
    deadline = time.monotonic() + START_SECONDS
    while len(family(pid)) > 1 and time.monotonic() < deadline:
        time.sleep(0.5)


def table(pids: dict[str, int]) -> str:
    lines, sums = [], [0.0, 0.0]
    for what, pid in pids.items():
        rss = sum(memory(one.pid, "Rss") for one in family(pid))
        pss = sum(memory(one.pid, "Pss") for one in family(pid))
        sums = [sums[0] + rss, sums[1] + pss]
        lines.append(f"| {what} | {rss:.0f} | {pss:.0f} | {libraries(pid)} |")
    lines.append(f"| all | {sums[0]:.0f} | {sums[1]:.0f} | |")
    return "\n".join(lines)


def memory(pid: int, kind: str) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def libraries(pid: int) -> int:
    """How many compiled modules are mapped: of Python's, and of packages."""
    maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return len({line.split()[-1] for line in maps if line.endswith(".so")})


def measure_install() -> str:
    """From the registry into an empty folder, with an empty cache of uv's and pip's."""
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        clone = Path(name) / "boucle"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        own = {**os.environ, "UV_CACHE_DIR": f"{name}/uv", "PIP_CACHE_DIR": f"{name}/pip"}
        began = time.perf_counter()
        subprocess.run(
            ["make", ".venv/installed"], cwd=clone, env=own, check=True, stdout=subprocess.DEVNULL
        )
        spent = time.perf_counter() - began
        size = sum(path.lstat().st_size for path in (clone / ".venv").rglob("*")) / 1e6
        shutil.rmtree(clone)
    return f"Installed for running in {spent:.1f} s, {size:,.0f} MB.\n"


if __name__ == "__main__":
    main()
