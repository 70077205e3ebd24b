"""Makes drawings look like the pictures of the training: pen strokes, and photos of drawings.

Imports nothing of ours. Start at `look.py`.
"""
