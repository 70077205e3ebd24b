"""The loop on real tables that nobody here designed: `python -m benchmarks.streams`."""
