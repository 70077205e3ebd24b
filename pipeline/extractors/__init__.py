"""From the bytes of a picture, a sound or a film to the named features of an observation.

May import data/ and below. Start at `extractor.py`, which is the one way for prepare, serving and
simulate; PyAV is loaded by `media_files.py` alone, when there is a sound or a film to read.
"""
