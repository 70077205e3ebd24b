"""What a pass and the pages of reports cost: `python -m benchmarks.reporting`.

May import serving/. Start at `__main__.py`.
"""
