"""The page of those who label: one prediction after the other, those that teach the most first.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
