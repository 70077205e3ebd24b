"""The records: predictions, feedback, the queue of retrainings, the log of decisions.

May import data/, embedding/ and the ground floor. Start at `database.py`.
"""
