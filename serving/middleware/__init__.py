"""Around FastAPI's routes: hosts, limits, request ids, the access log.

May import telemetry/ and `serving/errors.py`. Start at `request_context.py`.
"""
