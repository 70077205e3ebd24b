"""From a dataset to what every version starts from; the built-in dataset churn.

May import retraining/, maintenance/, cli/ and pipeline/. No command imports another.
Start at `dataset_parts.py`.
"""
