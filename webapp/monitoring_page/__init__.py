"""The page about what is watched: traffic, drift, quality.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
