"""The worker that retrains, and the process in which it does.

May import cli/ and pipeline/. Start at `worker.py`.
"""
