"""What a pass and the pages of reports cost: `python -m benchmarks.reporting`."""
