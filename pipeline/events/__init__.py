"""Writes what happened as events of the Elastic Common Schema, to files of NDJSON.

May import `pipeline/store/` and `pipeline/history/`. Start at `schema.py`. `reading.py` reads what
is new in the store, `describing.py` makes events of it, `journal.py` writes them. `alerts.py` makes
and writes the events of Alertmanager.
"""
