"""The first page: whether all is well, and how quality developed.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
