"""The two sides of every comparison: the live version's reference, and the latest rows.

May import drift/ and pipeline/. Start at `current_window.py`.
"""
