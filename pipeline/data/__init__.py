"""From a user's file to rows of numbers: schema, tables, images. No model, no vector.

May import the ground floor of pipeline/. Start at `load.py`; a new kind of dataset goes there.
"""
