"""What happened, as events in the words of the Elastic Common Schema, in files of NDJSON.

May import `pipeline/store/` and `pipeline/history/`. Start at `schema.py`; `reading.py` makes them
from the store, `journal.py` writes them, `alerts.py` makes and writes those of Alertmanager.
"""
