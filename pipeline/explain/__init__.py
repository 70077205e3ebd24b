"""Why a model answers as it does, in original features.

May import model/, registry/ and what lies below them. Start at `importance.py`.
"""
