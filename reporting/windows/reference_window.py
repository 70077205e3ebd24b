"""The live version as reporting sees it: the reference that windows are compared with."""

import io
from dataclasses import dataclass

import msgspec
import numpy as np

from pipeline.arrays import Labels, Numbers
from pipeline.data.holdout_sample import HoldoutSample
from pipeline.data.schema import Feature, Schema
from pipeline.data.watched_features import watched_features, watched_values
from pipeline.quality.calibration import Calibration
from pipeline.registry.prepared import reference_rows_of, rows_of
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import SignedFolder
from reporting.drift.dataset_drift import RESIDUAL
from reporting.drift.reference_columns import FamilyReference, make_family
from reporting.windows.reference_file import read_calibration, read_reference
from reporting.windows.window_quality import Quality, measure_quality


@dataclass(frozen=True)
class ReferenceWindow:
    """One version's reference: vectors, targets, and what it predicted out of fold.

    `columns` holds the numbers of the vectors in their order, then the residual if there is one.
    """

    version: str
    embedding_id: str
    schema: Schema
    columns: dict[str, Numbers]
    families: tuple[FamilyReference, ...]
    watched: HoldoutSample | None  # rows of the reference, a column a watched feature
    targets: Labels
    predictions: Labels
    probabilities: Numbers
    classes: tuple[str, ...]
    calibration: Calibration
    usual: Quality | None  # of the rows of the holdout that the version carries

    @property
    def error(self) -> float:
        return float((self.targets != self.predictions).mean())


def load_reference_window(artifacts: ModelRegistry, minimum_rows: int) -> ReferenceWindow:
    """Read the live version, verified; UntrustedArtifact when there is none."""
    version = artifacts.current()
    schema = msgspec.convert(version.manifest["schema"], Schema)
    reference = read_reference(version)
    columns = dict(zip(reference.columns, reference.vectors.T, strict=True))
    residuals, watched = _read_residuals(version), reference_rows_of(version)
    families = []
    if watched is not None:
        features = watched_features(schema)
        families.append(
            make_family("features", features, watched.values, minimum_rows, linked=True)
        )
    if watched is None or version.manifest.get("embedding_kind") != "features":
        numbers = [Feature(name, "number") for name in columns]
        families.append(make_family("pca", numbers, reference.vectors, minimum_rows))
    if residuals is not None:
        columns[RESIDUAL] = residuals
        alone = [Feature(RESIDUAL, "number")]
        families.append(make_family("residual", alone, residuals[:, None], minimum_rows))
    return ReferenceWindow(
        version.manifest["version"],
        version.manifest["embedding_id"],
        schema,
        columns,
        tuple(families),
        watched,
        reference.targets,
        reference.predictions,
        reference.probabilities,
        reference.classes,
        read_calibration(version, reference),
        _measure_usual(schema, version),
    )


def _measure_usual(schema: Schema, version: SignedFolder) -> Quality | None:
    """Some tables lack values from the start, and some categories are too many to know."""
    rows = rows_of(version)
    if rows is None:
        return None
    return measure_quality(watched_features(schema), watched_values(schema, rows.values))


def _read_residuals(version: SignedFolder) -> Numbers | None:
    """Residuals of rows that the PCA was not fitted on; None where nothing is lost."""
    if "residuals.npy" not in version:
        return None
    found: Numbers = np.load(io.BytesIO(version.read("residuals.npy")), allow_pickle=False)
    return found if len(found) else None
