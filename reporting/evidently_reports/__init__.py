"""Reports and their dashboard, drawn by Evidently, which none but batch/ and
`project.py` imports beside this room.

May import monitoring/ and what lies below it. Start at `document.py`.
"""
