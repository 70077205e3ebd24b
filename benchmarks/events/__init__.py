"""Events on their way to Elasticsearch while things fail. Start at `__main__.py`."""
