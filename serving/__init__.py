"""The HTTP service on 8080: `python -m serving`.

May import pipeline. Start at `service.py`, which holds the parts of a worker, then `routes/` or
`fast_path/`.
"""
