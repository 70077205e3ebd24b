"""What a prediction costs, beside floors and other model servers: `python -m benchmarks.serving`."""
