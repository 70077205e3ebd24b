"""The types of arrays that modules hand to each other."""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Labels = NDArray[np.str_]
Indices = NDArray[np.int64]
