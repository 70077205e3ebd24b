"""Measurements: each command prints a table, none is a test.

Those of one module stand here (`many_tables`, `records`, `review`), the others in rooms. All write
by `markdown.py`, and those that need an installation make it by `sites.py`.
"""
