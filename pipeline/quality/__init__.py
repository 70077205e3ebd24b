"""How good predictions are, should be, and when they got worse; by numbers alone, without a model.

May import arrays alone. Start at `metrics.py`.
"""
