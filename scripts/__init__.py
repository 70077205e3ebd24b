"""Commands that prepare, train and prove the loop; behind them stand rooms.

Commands for those who run an installation are in the rooms: `python -m scripts.maintenance.backup`.
May import pipeline. No command imports another. Start at `prepare.py` and `trainer.py`.
"""
