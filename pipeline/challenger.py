"""A challenger: trained on chosen rows, and judged against the live version. Made by retraining."""

from dataclasses import dataclass

from pipeline.curation import Curated, curate
from pipeline.evidence import Evidence, gather
from pipeline.gate import Verdict, judge
from pipeline.live_version import LiveVersion
from pipeline.prepared import Prepared
from pipeline.production import Production
from pipeline.progress import Progress, no_progress
from pipeline.settings import Settings
from pipeline.training import Trained, train


class OneLabel(Exception):
    """There is nothing to tell apart."""


@dataclass(frozen=True)
class Challenger:
    curated: Curated
    trained: Trained
    evidence: Evidence
    verdict: Verdict


def challenge(
    settings: Settings,
    prepared: Prepared,
    production: Production,
    live: LiveVersion | None,
    rolled_back: int | None = None,
    progress: Progress = no_progress,
) -> Challenger:
    """Choose rows, train, and judge; `rolled_back` rows came before the last rollback, if any."""
    progress("choosing rows", 0.05)
    wanted = settings.retraining
    curated = curate(prepared.reference, prepared.holdout, production, live, wanted.recent_rows)
    if (curated.training.targets == curated.training.targets[:1]).all():
        raise OneLabel("the rows carry a single label")
    trained = train(curated.training, settings.training, _within(progress, 0.1, 0.9))
    progress("judging", 0.9)
    evidence = gather(wanted, prepared.holdout, production, live, trained, curated, rolled_back)
    verdict = judge(prepared.embedding.schema.labels, evidence, wanted)
    return Challenger(curated, trained, evidence, verdict)


def _within(progress: Progress, start: float, end: float) -> Progress:
    """The stages of training as a part of the whole; out of fold takes most of it."""
    shares = {"out of fold": (0.0, 0.7), "training": (0.7, 0.85), "compiling": (0.85, 1.0)}

    def report(stage: str, share: float) -> None:
        first, last = shares.get(stage, (0.0, 1.0))
        progress(stage, start + (end - start) * (first + (last - first) * share))

    return report
