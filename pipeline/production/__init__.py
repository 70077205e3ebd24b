"""The labelled rows of production, moved ones too: as a training reads them, and as a CSV file.

May import parquet_files/, store/ and what lies below them. Start at `production_rows.py`.
"""
