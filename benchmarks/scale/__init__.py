"""Beyond one machine: many rows, a bucket, old rows as Parquet, Dask, replicas.

Each module is a command: `python -m benchmarks.scale.many_rows`. May import serving/.
Start at `many_rows.py`.
"""
