"""Asks serving for a prediction, answers it, and reads both back: whether the whole way is open."""

from pipeline.settings import load_settings
from scripts.cli.api_client import ApiClient, open_api_client
from scripts.cli.command import CommandError, run


def main() -> None:
    client = open_api_client(load_settings())
    number, label = predict(client)
    if not client.give_feedback(number, label):
        raise CommandError(f"Feedback was refused: {dict(client.answers)}.")
    answer = client.send("GET", f"/predictions/{number}", "feedback")
    told = answer.json().get("feedback") if answer.ok else None
    if not told or told["target"] != label:
        raise CommandError(f"What was answered is not on record: {answer.text[:200]}")
    print(f"Version {answer.json()['model_version']} said {label}; the answer is on record.")


def predict(client: ApiClient) -> tuple[str, str]:
    """An observation like those that were learned from."""
    features = client.send("GET", "/schema", "predict").json()["features"]
    said = client.predict([feature["example"] for feature in features])
    if said is None:
        raise CommandError(f"No prediction: {dict(client.answers)}.")
    return str(said["prediction_id"]), str(said["prediction"])


if __name__ == "__main__":
    run(main)
