"""What serving is measured against: the floors, the naive app, the peers.

An app runs in the environment of its server and imports nothing of Boucle. `peers.py` says how the
others are installed and started, for serving/. Start at `peers.py`.
"""
