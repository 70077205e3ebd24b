"""What an installation takes: to start, at rest, for feedback, sounds, films and slow clients.

Each module but `media_baseline.py` is a command: `python -m benchmarks.resources.footprint`.
May import serving/. Start at `cold_start.py`.
"""
