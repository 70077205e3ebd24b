"""What a service finds when it starts: prepared data, trained versions, feedback on record.

May import none of the other rooms of support. Start at `installations.py`.
"""
