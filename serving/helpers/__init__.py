"""Processes beside serving: they explain predictions and decode pictures, within limits.

May import pipeline/. Start at `helper_process.py`.
"""
