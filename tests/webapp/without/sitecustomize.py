"""First on a page's path: what its image lacks cannot be imported, though it is installed here."""

import sys

LACKING = ("altair", "narwhals", "numpy", "pandas", "pyarrow", "pydeck")
sys.modules.update(dict.fromkeys(LACKING))
