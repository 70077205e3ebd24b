"""The page about versions: the live one, why each came, putting another live.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
