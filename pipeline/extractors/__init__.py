"""From a decoded sound or film to a row of named numbers. Nothing here opens a file.

May import data/ and the ground floor. Start at `sound_features.py`; a further kind of observation
gets a module of its own, with its names as a tuple and one function from arrays to numbers.
"""
