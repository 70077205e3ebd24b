"""Turns the results of a monitoring pass into metrics, and serves them to Prometheus on 8083.

May import monitoring/ and what lies below it. Start at `collector.py`.
"""
