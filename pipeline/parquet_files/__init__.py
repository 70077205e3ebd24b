"""Parquet files with rows that left the store: which there are, what they hold, moved feedback.

May import objects/ and the store, whose readers of feedback import it. Start at `file_records.py`.
"""
