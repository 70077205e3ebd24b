"""What went before: sums over time, single predictions, what to check next, whom to forget.

May import `pipeline/store/`. Start at `curves.py`.
"""
