"""Commands that prepare, train and prove the loop; behind them stand rooms.

May import pipeline. No command imports another. Start at `prepare.py` and `trainer.py`.
"""
