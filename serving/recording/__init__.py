"""Predictions and feedback on their way to the store: one writer, and a file while it is away.

May import telemetry/ and pipeline/. Start at `writer.py`.
"""
