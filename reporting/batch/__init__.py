"""Compares two dated files once, for a scheduler.

May import drift/ and evidently_reports/. Start at `compare.py`.
"""
