"""What happened, as events in the words of the Elastic Common Schema, in a file of NDJSON.

May import `pipeline/store/`. Start at `schema.py`; `reading.py` makes them from the store,
`journal.py` writes the file.
"""
