"""Data tests: whether new rows look like the reference of a version. Numbers only, no Evidently.

May import registry/ and what lies below it. Start at `suite.py`.
"""
