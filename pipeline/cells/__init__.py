"""What the text of one cell says: a number, a date, a truth value, nothing. No table, no schema.

May import the ground floor of pipeline/. Start at `number_text.py`; a new way of writing
a value goes here.
"""
