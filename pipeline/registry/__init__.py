"""The versions of the model in a folder or a bucket: signed, published whole, one of them live.

May import data/, embedding/, objects/ and the ground floor. Start at `registry.py`.
"""
