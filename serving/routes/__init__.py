"""The HTTP routes of the API, one module for each subject.

May import all rooms but fast_path/. Start at `predict.py`; `routing/` has what they share.
"""
