"""Sounds, films, networks and tables that are made for a test.

May import none of the other rooms of support. Start at `tested_rows.py`.
"""
