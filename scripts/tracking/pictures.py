"""How a version did on the holdout, drawn: the confusion of its labels, and its calibration."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.data.holdout_sample import SCORES_FILE
from pipeline.registry.signed_folder import SignedFolder

BINS = 10


def draw_holdout(version: SignedFolder, folder: Path) -> None:
    """PNG files in a folder; none of a version that kept no scores."""
    if SCORES_FILE not in version:
        return
    from matplotlib.figure import Figure

    with np.load(io.BytesIO(version.read(SCORES_FILE)), allow_pickle=False) as kept:
        shares, targets = kept["probabilities"], kept["targets"]
    labels = version.manifest["classes"]
    said = shares.argmax(axis=1)
    right = np.array([labels[place] for place in said]) == targets

    figure = Figure(figsize=(1.5 + 0.5 * len(labels), 1.2 + 0.45 * len(labels)), dpi=120)
    axes = figure.add_subplot()
    counts = confusion(labels, targets.tolist(), said.tolist())
    axes.imshow(counts, cmap="Blues")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if count > counts.max() / 2 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour)
    axes.set_xticks(range(len(labels)), labels, rotation=90 if max(map(len, labels)) > 3 else 0)
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="predicted", ylabel="true", title="Holdout")
    figure.savefig(folder / "confusion.png", bbox_inches="tight")

    figure = Figure(figsize=(4.5, 4), dpi=120)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--")
    axes.plot(*calibration(shares.max(axis=1), right), marker="o")
    axes.set(xlabel="confidence", ylabel="share that was right", title="Calibration, holdout")
    axes.set(xlim=(0, 1), ylim=(0, 1))
    figure.savefig(folder / "calibration.png", bbox_inches="tight")


def confusion(labels: Sequence[str], targets: Sequence[str], said: Sequence[int]) -> np.ndarray:
    """How often each label was taken for each."""
    places = {label: place for place, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    for target, place in zip(targets, said, strict=True):
        if target in places:
            counts[places[target], place] += 1
    return counts


def calibration(confidence: np.ndarray, right: np.ndarray) -> tuple[list[float], list[float]]:
    """Mean confidence and share of right answers, of each tenth of the confidence."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    used = [place for place in range(BINS) if (places == place).any()]
    return (
        [float(confidence[places == place].mean()) for place in used],
        [float(right[places == place].mean()) for place in used],
    )
