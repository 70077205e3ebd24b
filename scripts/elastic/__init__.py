"""Elasticsearch made ready for the events, and Kibana for who looks at them.

May import `pipeline/events/` and `scripts/cli/`. Start at `setup.py`.
"""
