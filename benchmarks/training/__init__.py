"""What a retraining costs, how fast its scorer is, and what the data tests before it find.

Each module is a command: `python -m benchmarks.training.retraining`. May import serving/.
Start at `retraining.py`.
"""
