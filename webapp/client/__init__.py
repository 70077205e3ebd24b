"""The HTTP client of serving and reporting, and their answers as values.

May import `webapp/settings.py`. Start at `serving.py`.
"""
