"""Pictures that look like nothing that was learned, and those that do once light and dark change.

The residual tells: what the PCA cannot express of a picture. Nobody draws white on black, and the
digits that were learned are. A blank picture it expresses well, though nothing can be told of it.
"""

import io
from dataclasses import dataclass

import numpy as np

from pipeline.arrays import Flags, Numbers
from pipeline.data.schema import ImageShape
from pipeline.embedding.embedding import Embedding
from pipeline.registry.prepared import rows_of
from pipeline.registry.signed_folder import SignedFolder

RARE, BEYOND = 0.999, 1.5  # so far beyond the residual of one row in a thousand
WARNING = "It looks like nothing that was learned, so the answer is a guess"


@dataclass(frozen=True)
class UsualPictures:
    embedding: Embedding
    shape: ImageShape
    highest: float
    some_are_blank: bool

    def warn(self, rows: Numbers, residuals: Numbers) -> list[list[str]]:
        """The warnings of each row."""
        odd = residuals > self.highest
        if not self.some_are_blank:
            odd |= _are_blank(rows)
        return [[WARNING] if one else [] for one in odd.tolist()]

    def invert(self, row: list[float]) -> list[float] | None:
        """The negative of a picture, where that is usual and the picture itself is not."""
        pixels = np.array(row)
        negative = self.shape.maximum - pixels
        _, residuals = self.embedding.embed(np.stack([pixels, negative]))
        inverted = residuals[0] > self.highest >= residuals[1]
        return negative.tolist() if inverted else None


def usual_pictures(sealed: SignedFolder, embedding: Embedding) -> UsualPictures | None:
    """None for tables, and where nothing is lost that could tell."""
    shape = embedding.schema.image
    if shape is None or "residuals.npy" not in sealed:
        return None
    known = np.load(io.BytesIO(sealed.read("residuals.npy")), allow_pickle=False)
    if not len(known):
        return None
    sample = rows_of(sealed)
    some_are_blank = sample is not None and bool(_are_blank(sample.values).any())
    highest = BEYOND * float(np.quantile(known, RARE))
    return UsualPictures(embedding, shape, highest, some_are_blank)


def _are_blank(rows: Numbers) -> Flags:
    found: Flags = rows.max(axis=1) == rows.min(axis=1)
    return found
