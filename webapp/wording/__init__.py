"""Translates English sentences of other services into the language of the visitor.

May import `webapp/texts.py`. Start at `sentences.py`; the others have what each service writes.
"""
