"""Traffic that people did not send, and the demo that it plays.

May import cli/ and pipeline/. Start at `scenarios.py`.
"""
