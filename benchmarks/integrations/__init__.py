"""What is lost, doubled or slowed on the way to Elasticsearch and MLflow while things fail.

Two commands: `python -m benchmarks.integrations.events`, and `.tracking`. May import serving/.
Start at `events.py`.
"""
