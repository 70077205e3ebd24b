"""The page of every prediction on record: find one, look at it, correct what was said of it.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
