"""`python -m benchmarks.resources.footprint`: what a Boucle takes at rest and to begin.

[--write docs/performance.md] [--install] [--images]: with these, also a .venv for running made anew
from the registry, which takes a minute or more and the network, and the images that an engine has,
as `docker compose build` left them. Figures are in MB of 10^6 bytes.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import requests

from benchmarks.markdown import describe_machine, write_between
from benchmarks.resources import cold_start
from benchmarks.serving.processes import all_processes, family
from benchmarks.serving.servers import ROOT, free_port
from benchmarks.sites import Site, describe_company

PROCESSES = (
    "| at rest | RSS, MB | PSS, MB | CPU, % of a core | compiled code of |\n"
    "| --- | ---: | ---: | ---: | --- |"
)
WATCH_SECONDS = 30.0  # to see what CPU is taken while nothing happens
IMAGES = "| image | over its base, MB | of these |\n| --- | ---: | --- |"
BASE = "python:3.13-slim"
START_SECONDS, REST_SECONDS, COLD_STARTS, LARGEST = 120.0, 20.0, 9, 6
PARTS = {  # what stands in the command of each
    "serving": "-m serving",
    "trainer": "scripts/trainer.py",
    "webapp": "streamlit",
    "reporting": "-m reporting",
    "status": "tail",
}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.resources.footprint", description=__doc__
    )
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--images", action="store_true")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    parts = [measure_install()] if options.install else []
    with tempfile.TemporaryDirectory(prefix="boucle-") as name:
        parts += [measure_rest(Path(name) / "rest"), measure_start(Path(name) / "start")]
    parts += [measure_images()] if options.images else []
    text = "\n\n".join([*parts, f"{describe_machine()}, {describe_company()}."])
    print(text)
    if options.write:
        write_between(options.write, "footprint", text)


def measure_rest(folder: Path) -> str:
    """The services of the Procfile, as `make run` runs them, and with Evidently opened."""
    ports = {what: free_port() for what in ("page", "ui", "figures")}
    folder.mkdir()
    site = Site(
        folder,
        REPORTING__PORT=str(ports["figures"]),
        REPORTING__UI_PORT=str(ports["ui"]),
        REPORTING__REPORTS=str(folder / "reports"),
        REPORTING__WORKSPACE=str(folder / "workspace"),
    )
    own = {
        "SERVING_URL": f"http://127.0.0.1:{site.port}",
        "STREAMLIT_SERVER_PORT": str(ports["page"]),
        "STREAMLIT_SERVER_HEADLESS": "true",
        **site.environment,
    }
    with running({**os.environ, **own}, folder / "run.log") as pid:
        wait_for(f"http://127.0.0.1:{site.port}/readyz")
        wait_for(f"http://127.0.0.1:{ports['page']}/_stcore/health")
        wait_for(f"http://127.0.0.1:{ports['figures']}/metrics")
        time.sleep(REST_SECONDS)
        wait_until(
            lambda: len(family(parts_of(pid)["reporting"])) == 1, "a report is in the making"
        )
        resting = table(pid)
        wait_for(f"http://127.0.0.1:{ports['ui']}/api/projects")
        opened = table(pid).splitlines()[-1].replace("| all |", "| all, Evidently opened |")
    return "\n".join([PROCESSES, resting, opened])


@contextmanager
def running(environment: dict[str, str], log: Path) -> Iterator[int]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "scripts.stack.run_services"],
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(address: str) -> None:
    def answers() -> bool:
        try:
            return requests.get(address, timeout=5).ok
        except requests.RequestException:
            return False

    wait_until(answers, f"{address} is not up")


def wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(0.2)


def parts_of(pid: int) -> dict[str, int]:
    """The process of each service, and what runs them."""
    found = {"run_services": pid}
    for one in family(pid):
        command = Path(f"/proc/{one.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        found |= {
            part: one.pid for part, word in PARTS.items() if one.parent == pid and word in command
        }
    return found


def table(pid: int) -> str:
    parts = {
        part: [root] if root == pid else [one.pid for one in family(root)]
        for part, root in parts_of(pid).items()
    }
    before = {part: seconds_of(members) for part, members in parts.items()}
    time.sleep(WATCH_SECONDS)
    lines, sums = [], [0.0, 0.0, 0.0]
    for part, members in parts.items():
        rss, pss = (sum(memory(one, kind) for one in members) for kind in ("Rss", "Pss"))
        cpu = 100 * (seconds_of(members) - before[part]) / WATCH_SECONDS
        sums = [total + one for total, one in zip(sums, (rss, pss, cpu), strict=True)]
        code = ", ".join(packages(members[0]))
        lines.append(f"| {part} | {rss:.0f} | {pss:.0f} | {cpu:.1f} | {code} |")
    return "\n".join([*lines, f"| all | {sums[0]:.0f} | {sums[1]:.0f} | {sums[2]:.1f} | |"])


def seconds_of(pids: list[int]) -> float:
    return sum(process.seconds for process in all_processes() if process.pid in pids)


def memory(pid: int, kind: str) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def packages(pid: int) -> list[str]:
    """Those of which it has loaded compiled code: these are the large ones."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return sorted(set(re.findall(r"site-packages/(\w+)/\S+\.so", maps)))


def measure_start(folder: Path) -> str:
    folder.mkdir()
    site = Site(folder)
    with site.serving():
        body = json.dumps({"features": site.example()}).encode()
    starts = [cold_start.start(site, body) for _ in range(COLD_STARTS)]
    wall, cpu = ([one[which] for one in starts] for which in (0, 1))
    return (
        f"Serving's first answer after {median(wall):.2f} s, the median of {COLD_STARTS} starts "
        f"(best {min(wall):.2f}), and {median(cpu):.2f} s of CPU."
    )


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
    return f"Installed for running in {spent:.1f} s, {size:,.0f} MB."


def measure_images() -> str:
    base = size_of(BASE)
    lines = []
    for part in ("serving", "exporter", "reporting", "webapp", "scripts"):
        image = f"boucle-{part}"
        sizes = docker("run", "--rm", image, "sh", "-c", "du -s --block-size=1M /venv/lib/*/*/*")
        rows = [line.split("\t") for line in sizes.splitlines()]
        largest = sorted(((int(size), Path(path).name) for size, path in rows), reverse=True)
        named = ", ".join(f"{name} {size}" for size, name in largest[:LARGEST])
        lines.append(f"| {image} | {(size_of(image) - base):.0f} | {named} |")
    return "\n".join([IMAGES, *lines])


def size_of(image: str) -> float:
    return int(docker("image", "inspect", "--format", "{{.Size}}", image)) / 1e6


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
