"""Asks serving for a retraining, as a schedule of your own may do; the admin key opens it."""

from pipeline.settings import load_settings
from scripts.cli.api_client import open_api_client
from scripts.cli.command import CommandError, run


def main() -> None:
    answer = open_api_client(load_settings()).send("POST", "/retrain", "admin")
    if not answer.ok:
        raise CommandError(f"Serving says {answer.status_code}: {answer.text[:200]}")
    print(f"Retraining {answer.json()['id']} is in the queue.")


if __name__ == "__main__":
    run(main)
