"""The types of arrays that modules hand to each other."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]  # of any precision, within a computation
Flags = NDArray[np.bool_]
Labels = NDArray[np.str_]
Indices = NDArray[np.int64]
