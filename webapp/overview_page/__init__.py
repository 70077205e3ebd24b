"""The first page: whether it is well, and how it went over time.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
