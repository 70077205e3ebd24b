"""The page where a person asks, reads the answer, and says what it should have been.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
