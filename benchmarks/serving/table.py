"""The table of serving.py: medians over the rounds, and ratios to the floors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

from benchmarks.serving.load import Burst

FLOOR = "hello"
QUIET = 0.9
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

    @property
    def measured(self) -> bool:
        return bool(self.bursts) and not self.failure

    def median(self, figure: str) -> float:
        return median(getattr(burst, figure) for burst in self.bursts)

    def ratio(self, figure: str, base: "Result | None") -> str:
        """Each round apart: a machine shared with others may be twice as slow in the next."""
        if base is None or not base.measured:
            return "-"
        pairs = zip(self.bursts, base.bursts, strict=False)
        value = median(getattr(mine, figure) / getattr(its, figure) for mine, its in pairs)
        return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def render(results: Mapping[str, Result]) -> str:
    lines = [HEADER]
    for result in results.values():
        if result.measured:
            lines.append(row(result, results.get(FLOOR), results.get(result.echo)))
        else:
            lines.append(f"| {result.label} | not measured: {result.failure} |" + " |" * 8)
    return "\n".join(lines) + warn_of_company(results.get(FLOOR))


def warn_of_company(floor: Result | None) -> str:
    """The floor fills its core; where it did not, other programs had the rest."""
    if floor is None or not floor.measured:
        return ""
    share = floor.median("cpu") * floor.median("rate") / 1e6
    if share >= QUIET:
        return ""
    return f"\n\nThe machine was busy: hello had {share:.0%} of its core. Measure again when quiet."


def row(result: Result, floor: Result | None, echo: Result | None) -> str:
    cells = [
        result.label,
        f"{result.median('cpu'):,.0f}",
        f"{result.median('rate'):,.0f}",
        f"{result.median('p50'):.2f}",
        f"{result.median('p99'):.2f}",
        f"{result.megabytes:,.0f}",
        result.ratio("cpu", floor),
        result.ratio("rate", floor),
        result.ratio("p99", floor),
        result.ratio("rate", echo),
    ]
    return f"| {' | '.join(cells)} |"
