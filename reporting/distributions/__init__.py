"""The distributions behind the tests of drift, without scipy, which takes 80 MB of memory.

May import pipeline/ alone. Start at `counts.py`. Each function is tested against scipy's.
"""
