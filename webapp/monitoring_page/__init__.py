"""The page about monitoring: traffic, drift, quality.

May import widgets/, client/ and `webapp/session.py`. Start at `page.py`.
"""
