"""From a request's features to an answer: decode, embed, score together, hand over to recording/.

May import recording/, helpers/, telemetry/ and `serving/errors.py`. Start at `batcher.py`.
"""
