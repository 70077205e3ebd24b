"""What is on record: old rows moved to Parquet files and read back, and a person's rows erased.

May import cli/ and pipeline/. No command imports another. Start at `history.py`.
"""
