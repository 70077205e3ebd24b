"""What an observation is: its schema, its values as numbers, its pictures. No model, no vector.

May import cells and the ground floor of pipeline/. Start at `schema.py`; a new kind of
value goes into `observation.py`.
"""
