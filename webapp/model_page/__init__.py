"""The page about versions: the live one, all decisions, putting another version live.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
