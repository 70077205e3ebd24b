"""From a file, a URL or a database to a table of text. What the text means is not known here.

May import the ground floor of pipeline/. Start at `read_table.py`; a new file format goes there.
"""
