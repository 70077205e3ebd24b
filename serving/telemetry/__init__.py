"""What serving says of itself: logs, metrics, request ids.

May import `serving/errors.py`. Start at `metrics.py`.
"""
