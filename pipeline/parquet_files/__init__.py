"""Parquet files with rows that left the store: which there are, what they hold, moved feedback.

May import store/, objects/ and what lies below them. Start at `file_records.py`.
"""
