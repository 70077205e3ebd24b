"""Backups, and setting an installation aside.

May import cli/ and pipeline/. Start at `backup_bundle.py`.
"""
