"""One retraining: a challenger is trained, judged against the live version, and published.

May import all other rooms of pipeline/. Start at `retrain.py`; `gate.py` decides.
"""
