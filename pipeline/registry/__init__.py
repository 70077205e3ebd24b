"""The versions of the model on disk: signed, published whole, one of them live.

May import data/, embedding/ and the ground floor. Start at `registry.py`.
"""
