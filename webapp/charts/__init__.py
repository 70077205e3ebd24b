"""Curves over time, as charts of Vega.

May import `webapp/client/`, `webapp/widgets/` and below. Start at `quality.py`.
"""
