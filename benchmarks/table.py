"""The table of serving.py: medians over the rounds, and ratios to the floors."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from benchmarks.load import Burst

FLOOR = "hello"
QUIET = 0.9
LIBRARIES = "fastapi starlette uvicorn uvloop httptools msgspec pydantic scikit-learn onnxruntime"
START, END = "<!-- serving -->", "<!-- /serving -->"
HEADER = (
    "| server | CPU µs a request | requests/s | p50 ms | p99 ms | MB "
    "| CPU ÷ hello | rate ÷ hello | p99 ÷ hello | rate ÷ echo |\n"
    "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |"
)


@dataclass
class Result:
    """What became of one contender: its bursts, or the reason why there are none."""

    label: str
    echo: str
    bursts: list[Burst] = field(default_factory=list)
    megabytes: float = 0.0
    failure: str = ""

    def median(self) -> Burst:
        columns = ("cpu", "rate", "p50", "p99")
        return Burst(*(median(getattr(burst, name) for burst in self.bursts) for name in columns))


def render(results: Mapping[str, Result]) -> str:
    measured = {name: r.median() for name, r in results.items() if r.bursts and not r.failure}
    lines = [HEADER]
    for name, result in results.items():
        if name in measured:
            echo = measured.get(result.echo)
            lines.append(row(result, measured[name], measured.get(FLOOR), echo))
        else:
            lines.append(f"| {result.label} | not measured: {result.failure} |" + " |" * 8)
    return "\n".join(lines) + warn_of_company(measured.get(FLOOR))


def warn_of_company(floor: Burst | None) -> str:
    """The floor fills its core; where it did not, other programs had the rest."""
    share = floor.cpu * floor.rate / 1e6 if floor else 1.0
    if share >= QUIET:
        return ""
    return f"\n\nThe machine was busy: hello had {share:.0%} of its core. Measure again when quiet."


def row(result: Result, burst: Burst, floor: Burst | None, echo: Burst | None) -> str:
    cells = [
        result.label,
        f"{burst.cpu:,.0f}",
        f"{burst.rate:,.0f}",
        f"{burst.p50:.2f}",
        f"{burst.p99:.2f}",
        f"{result.megabytes:,.0f}",
        ratio(burst.cpu, floor.cpu if floor else None),
        ratio(burst.rate, floor.rate if floor else None),
        ratio(burst.p99, floor.p99 if floor else None),
        ratio(burst.rate, echo.rate if echo else None),
    ]
    return f"| {' | '.join(cells)} |"


def ratio(value: float, base: float | None) -> str:
    """`base` is None when the floor was not measured in this run."""
    if not base:
        return "-"
    return f"{value / base:.3f}" if value < base / 10 else f"{value / base:.2f}"


def describe_machine() -> str:
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in cpus if "model name" in line), "CPU")
    kernel = f"{platform.system()} {platform.release()}"
    parts = [f"{model}, {os.cpu_count()} cores, {kernel}, Python {platform.python_version()}"]
    for name in LIBRARIES.split():
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return ", ".join(parts)


def write(text: str, path: Path) -> None:
    """Replace what stands between the markers of `path`, or append it with them."""
    old = path.read_text() if path.exists() else ""
    before, start, rest = old.partition(START)
    after = rest.partition(END)[2] if start else "\n"
    path.write_text(f"{before}{START}\n{text}\n{END}{after}")
