"""Whether the drift alarm can be trusted: `python -m benchmarks.drift`."""
