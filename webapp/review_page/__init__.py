"""The page for labelling: one prediction after the other, the most useful ones first.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
