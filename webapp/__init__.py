"""The web page on 8081, made with Streamlit. It reaches the services by HTTP only.

Imports no other folder of Boucle. Start at `api.py`, then `predict_page/`.
"""
