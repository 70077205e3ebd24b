"""From a table of text to features, labels and rows of numbers: what each column is, and is told.

May import data, tables and cells. Start at `column_choice.py`; a new type of column goes into
`column_types.py`.
"""
