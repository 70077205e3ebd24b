"""Writes predictions and feedback to the store, and keeps predictions in a file while it is away.

May import telemetry/ and pipeline/. Start at `writer.py`.
"""
