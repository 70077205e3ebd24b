"""Drawings as the model learned them: strokes of a pen, and pictures of something drawn.

Imports nothing of ours. Start at `look.py`.
"""
