"""Watches data and model: metrics for Prometheus on 8083, Evidently's reports on 8082.

May import pipeline. Start at `__main__.py`, then `monitoring/`.
"""
