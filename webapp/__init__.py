"""The web page on 8081: Streamlit, which knows the services by HTTP alone.

Imports no other folder of Boucle. Start at `api.py`, then `predict_page/`.
"""
