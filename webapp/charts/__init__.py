"""Charts over time, for Vega-Lite.

May import `webapp/client/`, `webapp/widgets/` and below. Start at `quality.py`.
"""
