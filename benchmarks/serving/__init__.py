"""What a prediction costs, beside floors and other servers: `python -m benchmarks.serving`.

May import rivals/; the other rooms use its servers, senders and processes. Start at `__main__.py`.
"""
