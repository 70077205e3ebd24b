"""Trains a classifier and makes it servable: scikit-learn in, ONNX out.

May import registry/ and what lies below it. Start at `training.py`; serving needs `scorer.py`.
"""
