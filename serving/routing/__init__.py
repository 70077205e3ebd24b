"""What all routes share: who may ask, strict JSON, and what an exception is answered with.

May import `serving/service.py`, schemas/ and what stands below. Start at `dependencies.py`.
"""
