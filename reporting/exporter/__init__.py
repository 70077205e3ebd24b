"""What a pass found, as Prometheus reads it on 8083.

May import monitoring/ and what lies below it. Start at `collector.py`.
"""
