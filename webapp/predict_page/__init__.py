"""The page where a visitor gets a prediction, and says what it should have been.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
