"""What went before: sums over time for curves, and the search for single predictions.

May import `pipeline/store/`. Start at `curves.py`.
"""
