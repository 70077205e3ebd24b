"""Serving over HTTP: its client, and what it answers as values.

May import `webapp/settings.py`. Start at `serving.py`.
"""
