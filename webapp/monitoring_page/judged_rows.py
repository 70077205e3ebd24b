"""Says how many labelled rows are behind an error rate or score, and their versions."""

from dataclasses import dataclass

from webapp.client.metrics_text import MetricSamples
from webapp.texts import say
from webapp.widgets.formats import count

NAMED_VERSIONS = 3


@dataclass(frozen=True)
class JudgedRows:
    rows: int
    versions: list[str]

    @property
    def predicted_by(self) -> str:
        if len(self.versions) == 1:
            return say("predicted by version {version}", version=self.versions[0])
        if len(self.versions) <= NAMED_VERSIONS:
            return say("predicted by the versions {names}", names=", ".join(self.versions))
        first, *_, last = self.versions
        return say("predicted by the versions {first} to {last}", first=first, last=last)


def find_judged(figures: MetricSamples, metric: str) -> JudgedRows | None:
    """Rows by version from the metric that counts them, None if that is absent."""
    found = figures.find(metric)
    if not found:
        return None
    versions = sorted(sample.labels.get("version", "") for sample in found)
    return JudgedRows(round(sum(sample.value for sample in found)), versions)


def say_errors(judged: JudgedRows, share: float, expected: str) -> str:
    wrong = count(round(share * judged.rows))
    told = say(
        "{wrong} of the {rows} latest answered rows are wrong; {expected} were expected",
        wrong=wrong,
        rows=count(judged.rows),
        expected=expected,
    )
    return f"{told}. {judged.predicted_by[:1].upper()}{judged.predicted_by[1:]}"
