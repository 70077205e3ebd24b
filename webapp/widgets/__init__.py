"""Elements that several pages show.

May import client/ and `webapp/session.py`. Start at `formats.py`.
"""
