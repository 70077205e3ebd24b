"""A pass: all checks of the latest window, and the alarms that outlast it.

May import windows/ and drift/. Start at `model_monitor.py`.
"""
