"""The labelled observations that a [dataset] table names: built in, a table, pictures.

May import columns and all below. Start at `load.py`; a new kind of dataset goes there.
"""
