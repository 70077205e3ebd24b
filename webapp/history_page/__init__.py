"""The page of all recorded predictions: find one, look at it, correct its feedback.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
