"""Beyond one machine: many rows, a bucket, old rows as Parquet, Dask, replicas."""
