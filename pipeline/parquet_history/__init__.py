"""Old rows as Parquet: moved out of the store, read back together with it, erased.

May import history/, the store, parquet_files/ and objects/. Start at `moving.py`.
"""
