"""Reports and their dashboard, drawn by Evidently: the only room that imports it, beside batch/.

May import monitoring/ and what lies below it. Start at `document.py`.
"""
