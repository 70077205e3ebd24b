"""Trains a version on the reference, publishes it and puts it live. Run after prepare."""

import argparse
from typing import TYPE_CHECKING

from pipeline.embedding.embedding import PIPELINE
from pipeline.registry.prepared import load_prepared
from pipeline.registry.registry import open_registry
from pipeline.registry.signed_folder import SignedFolder
from pipeline.settings import load_settings
from scripts.cli.command import run
from scripts.retraining.first_version import train_version

if TYPE_CHECKING:
    from pipeline.quality.metrics import ClassificationScores

IN_CONTAINERS = (
    "with docker compose serving needs scikit-learn for this version: "
    "EXTRA_PACKAGES=scikit-learn docker compose up --build, see docs/stack.md."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--if-none", action="store_true", help="only if no version is live yet")
    options = parser.parse_args()
    settings = load_settings()
    artifacts = open_registry(settings.artifacts)
    if options.if_none and artifacts.live_history():
        print(f"Version {artifacts.current().manifest['version']} is live.")
        return
    version, scores = train_version(settings, artifacts, load_prepared(settings, artifacts))
    print(table(scores))
    print(summary(version))
    for doubt in doubts(version):
        print(f"Mind: {doubt}")


def table(scores: "ClassificationScores") -> str:
    """The scores on the holdout, a line for each label and one for all."""
    width = max(len(label) for label in (*scores.classes, "all labels")) + 2
    lines = [f"{'holdout':{width}} precision  recall      F1   rows"]
    for label, own in scores.classes.items():
        numbers = " ".join(f"{_percent(n):>8}" for n in (own.precision, own.recall, own.f1))
        lines.append(f"{label:{width}} {numbers} {own.rows:6}")
    numbers = " ".join(f"{_percent(n):>8}" for n in (scores.precision, scores.recall, scores.f1))
    lines.append(f"{'all labels':{width}} {numbers} {scores.rows:6}")
    balanced = _percent(scores.balanced_accuracy)
    lines.append(f"accuracy {_percent(scores.accuracy)}, balanced accuracy {balanced}")
    return "\n".join(lines)


def _percent(number: float | None) -> str:
    return "-" if number is None else f"{number:.1%}"


def doubts(version: SignedFolder) -> list[str]:
    """Those about its scores, and whether the image of serving can serve it as it comes."""
    compiled = version.manifest["served_by"] == "onnx" and PIPELINE not in version
    return [*version.manifest["doubts"], *([] if compiled else [IN_CONTAINERS])]


def summary(version: SignedFolder) -> str:
    manifest, parity = version.manifest, version.manifest["parity"]
    if parity is None:
        served = f"served by scikit-learn itself: {manifest['served_by_reason']}"
    else:
        served = f"compiled, the same labels as scikit-learn's on {parity['points']} points"
    return f"Version {manifest['version']} is live in {version.folder}, {served}."


if __name__ == "__main__":
    run(main)
