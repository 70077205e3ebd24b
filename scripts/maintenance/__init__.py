"""Backups, and setting an installation aside.

May import cli/ and pipeline/. No command imports another. Start at `backup.py`.
"""
