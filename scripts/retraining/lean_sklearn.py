"""Imports scikit-learn as it is where pandas is not installed: 65 MB less and half a second sooner.

One module of scikit-learn imports pandas only to have its name. A command imports this before what
imports scikit-learn; who needs pandas imports it afterwards as ever.
"""

import sys

if "pandas" not in sys.modules:
    sys.modules["pandas"] = None  # type: ignore[assignment]  # as if there were none
    import sklearn.utils.fixes  # noqa: F401

    del sys.modules["pandas"]
