"""Serving, trainers, databases, buckets and Prometheus, each a real process beside the test.

May import models_and_records/. Start at `servers.py`.
"""
