"""The loop on real tables that nobody here designed: `python -m benchmarks.streams`.

Other rooms read `tables.py`, too. Start at `__main__.py`.
"""
