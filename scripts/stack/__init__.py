"""What the Docker stack and `make run` need beside their services: passwords, checks, alerts.

May import cli/ and pipeline/. No command imports another. Start at `doctor.py`.
"""
