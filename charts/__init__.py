"""The loop in a cluster: a Helm chart, and what writes its documents. Start at `documents.py`."""
