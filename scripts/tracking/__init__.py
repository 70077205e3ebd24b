"""Every training and decision as a run of MLflow, and as a step of DVCLive.

May import cli/ and pipeline/. Start at `recorder.py`. mlflow and dvclive are imported by those
alone who use them; requirements.txt and requirements-dvclive.txt name them.
"""
