"""What commands share: the end with one sentence, the progress bar, the client of the API.

May import pipeline/. Start at `command.py`.
"""
