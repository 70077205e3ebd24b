"""What a prediction costs, beside floors and other servers: `python -m benchmarks.serving`."""
