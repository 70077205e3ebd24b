"""The bodies of requests and answers, and the examples that OpenAPI shows.

May import `serving/errors.py`. Start at `bodies.py`.
"""
