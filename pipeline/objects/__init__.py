"""Objects by name, in a folder or a bucket: whole or not there, replaced only if as was seen.

May import the ground floor. Start at `object_store.py`; `opening.py` takes a URL.
"""
