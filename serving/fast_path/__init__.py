"""Answers plain predictions and feedback ahead of FastAPI, in front of uvicorn's protocol.

May import all rooms but routes/; `application.py` alone imports it. Start at `protocol.py`.
"""
