"""Speaks to a running serving as its clients do; used by simulate and demo."""

import contextlib
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from pipeline.settings import Settings
from scripts.cli.command import CommandError

SECONDS = 20.0


@dataclass
class ApiClient:
    url: str
    keys: dict[str, str]
    answers: Counter[int] = field(default_factory=Counter)
    session: requests.Session = field(default_factory=requests.Session)

    def predict(self, values: list[Any]) -> dict[str, Any] | None:
        """The answer, or None when it was refused."""
        answer = self.send("POST", "/predict", "predict", json={"features": values})
        return answer.json() if answer.ok else None

    def give_feedback(self, prediction_id: str, target: str) -> bool:
        body = {"prediction_id": prediction_id, "target": target}
        return self.send("POST", "/feedback", "feedback", json=body).ok

    def retrainings(self) -> list[dict[str, Any]]:
        """The log of decisions, the newest first."""
        answer = self.send("GET", "/retrainings", "predict")
        return list(answer.json()["retrainings"]) if answer.ok else []

    def live_version(self) -> str:
        answer = self.send("GET", "/model", "predict")
        if not answer.ok:
            raise CommandError(f"Serving says {answer.status_code}: {answer.text[:200]}")
        return str(answer.json()["version"])

    def send(self, method: str, path: str, scope: str, **body: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.keys[scope]}"} if scope in self.keys else {}
        headers |= body.pop("headers", {})
        try:
            answer = self.session.request(
                method, self.url + path, headers=headers, timeout=SECONDS, **body
            )
        except requests.RequestException as error:
            reason = type(error).__name__
            raise CommandError(
                f"Serving does not answer on {self.url} ({reason}); start it with make run."
            ) from None
        self.answers[answer.status_code] += 1
        return answer


def open_api_client(settings: Settings, url: str | None = None) -> ApiClient:
    """Where SERVING_URL or the settings say, with the keys that lie beside their hashes."""
    here = f"http://127.0.0.1:{settings.serving.port}"
    return ApiClient(
        (url or os.environ.get("SERVING_URL") or here).rstrip("/"), read_keys(settings)
    )


def read_keys(settings: Settings) -> dict[str, str]:
    """Those that can be read: without them serving answers as long as it requires none."""
    found = {}
    for scope in ("predict", "feedback", "admin"):
        path: Path = settings.serving.keys.with_name(f"{scope}.key")
        with contextlib.suppress(OSError):
            found[scope] = path.read_text().strip()
    return found
