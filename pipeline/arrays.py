"""The types of arrays that modules hand to each other, and their product."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]  # of any precision, within a computation
Flags = NDArray[np.bool_]
Labels = NDArray[np.str_]
Indices = NDArray[np.int64]


def multiply(left: Any, right: Any) -> Any:
    """As `left @ right`, but added up in one order, whatever threads there are.

    BLAS adds in another order with other threads, and a number would hang on who computes it.
    """
    return np.einsum("...k,km->...m" if right.ndim == 2 else "...k,k->...", left, right)
