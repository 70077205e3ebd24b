"""Whether the drift alarm can be trusted: `python -m benchmarks.drift`.

May import streams/, whose tables it reads. Start at `__main__.py`.
"""
