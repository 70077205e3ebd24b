"""What `auto` in config.toml takes: the embedding and the classifier that predict best.

May import model/ and what lies below it. Start at `cross_validation.py`.
"""
