"""Parts of the page that run in the browser: a little HTML and JavaScript each.

Imports nothing of ours. Start at `canvas.py`; each shows in its JavaScript what it sends back.
"""
