"""The labelled rows of production as a training reads them: all, or the latest and a drawn part.

May import store/ and what lies below it. Start at `production_rows.py`.
"""
