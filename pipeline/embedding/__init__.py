"""From rows of numbers to vectors: scaling, encoding, perhaps a PCA; and vectors as CSV files.

May import data/ and the ground floor. Start at `embedding.py`; `fit.py` alone needs scikit-learn.
"""
