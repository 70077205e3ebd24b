"""Whether columns, labels or errors have drifted from the reference. Functions of arrays.

May import `reporting/insufficient.py`. Start at `dataset_drift.py`; `policy.py` has the thresholds.
"""
