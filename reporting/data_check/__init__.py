"""Tests rows against the live version's reference once, for CI and schedulers.

May import evidently_reports/ and pipeline/. Start at `check.py`.
"""
