"""The HTTP client of serving. Every failure is one of three exceptions, with a sentence."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from webapp.client.history import History, read_history
from webapp.client.inspection import InspectedTable, read_inspection
from webapp.client.observations import CsvFile, Observation, Picture, Recording, Row
from webapp.client.records import (
    Explanation,
    Filters,
    Lent,
    Record,
    RecordPage,
    read_explanation,
    read_lent,
    read_page,
    read_record,
)
from webapp.client.responses import (
    Loop,
    Prediction,
    Receipt,
    Retraining,
    read_prediction,
    read_retraining,
)
from webapp.client.schema import Schema, read_schema
from webapp.settings import Settings
from webapp.texts import say
from webapp.wording.serving import translate

CONNECT_SECONDS, READ_SECONDS = 2, 30
LOOK_SECONDS = 5  # timeout of quick requests, so that a page soon says that serving hangs
PASSING = (408, 429, 503)
PNG = "image/png"


class ServingError(Exception):
    """A request failed; the text tells the visitor why."""


class ServingUnreachable(ServingError):
    """Serving cannot be reached, or does not answer in time."""


class ServingBusy(ServingError):
    """Serving cannot do it now, but may later."""


class RequestRejected(ServingError):
    """Serving refuses the request; sending it again would not help."""


@dataclass(frozen=True)
class Client:
    settings: Settings

    def model(self) -> dict[str, Any]:
        """The manifest of the live version."""
        answer: dict[str, Any] = self._get("/model", seconds=LOOK_SECONDS)
        return answer

    def models(self) -> list[dict[str, Any]]:
        versions: list[dict[str, Any]] = self._get("/models")["models"]
        return versions

    def schema(self, embedding_id: str) -> Schema:
        return read_schema(self._get("/schema"), embedding_id)

    def loop(self, limit: int = 20) -> Loop:
        body = self._get(f"/retrainings?limit={limit}")
        retrainings = tuple(read_retraining(one) for one in body["retrainings"])
        return Loop(body["every"], body["remaining"], retrainings)

    def retraining(self, wanted: int) -> Retraining | None:
        return self.loop(limit=100).find(wanted)

    def predict(self, observation: Observation) -> list[Prediction]:
        """One prediction for a picture or a row, one for each row of a table."""
        body = self._ask(observation)
        return [read_prediction(answer) for answer in body.get("predictions", [body])]

    def _ask(self, observation: Observation) -> Any:
        key = self.settings.predict_key
        if isinstance(observation, CsvFile):
            name = observation.name if observation.name.lower().endswith(".csv") else "rows.csv"
            return self._send("/predict/file", key, files={"file": (name, observation.content)})
        if isinstance(observation, Picture):
            image = base64.b64encode(observation.content).decode()
            return self._send("/predict", key, json={"image": image})
        if isinstance(observation, Recording):
            content = base64.b64encode(observation.content).decode()
            return self._send("/predict", key, json={observation.kind: content})
        if isinstance(observation, Row):
            return self._send("/predict", key, json={"features": observation.features})
        return self._send("/predict/batch", key, json={"rows": observation.rows})

    def inspect(self, name: str, content: bytes, target: str) -> InspectedTable:
        """How a table would be read for training."""
        key, file = self.settings.predict_key, {"file": (name, content)}
        return read_inspection(self._send("/inspect", key, files=file, data={"target": target}))

    def ready(self) -> dict[str, str]:
        """Whether a model is live and the store is available."""
        answer: dict[str, str] = self._get("/readyz")
        return answer

    def history(self, begin: float, end: float, label: str | None = None) -> History:
        """The history of a period, of all predictions or of one label."""
        span = {"from": f"{begin:.0f}", "to": f"{end:.0f}"}
        query = span if label is None else {**span, "label": label}
        return read_history(self._get("/history", query=query))

    def find(self, wanted: Filters, cursor: str | None, limit: int) -> RecordPage:
        """Predictions on record, the newest first."""
        query = {"limit": limit, "cursor": cursor, **wanted.query()}
        return read_page(self._get("/predictions", self.settings.feedback_key, query))

    def record(self, prediction_id: str) -> Record:
        return read_record(self._get(_path(prediction_id), self.settings.feedback_key))

    def picture(self, prediction_id: str) -> bytes | None:
        """What was observed, as a PNG; None where there is no picture of it."""
        path, key = f"{_path(prediction_id)}/observation", self.settings.feedback_key
        answer = self._request("GET", path, key)
        return answer.content if answer.headers.get("content-type") == PNG else None

    def borrow(self, limit: int, strategy: str) -> list[Lent]:
        """Predictions to check next."""
        query = {"limit": limit, "strategy": strategy}
        return read_lent(self._get("/review", self.settings.feedback_key, query))

    def skip(self, prediction_id: str) -> None:
        """Leave a prediction out of review for good."""
        self._send(f"/review/{quote(prediction_id, safe='')}/skip", self.settings.feedback_key)

    def release(self, prediction_id: str) -> None:
        """Give a lent prediction back before its time is over."""
        self._send(f"/review/{quote(prediction_id, safe='')}/release", self.settings.feedback_key)

    def explain(self, prediction_id: str) -> Explanation:
        """How features contributed to a prediction; takes some seconds."""
        body = {"prediction_id": prediction_id}
        return read_explanation(self._send("/explain", self.settings.predict_key, json=body))

    def answer(self, prediction_id: str, target: str, correct: bool = False) -> Receipt:
        """Record the true target of a prediction. If it is sent twice, it counts once."""
        body: dict[str, Any] = {"prediction_id": prediction_id, "target": target}
        if correct:
            body["correct"] = True
        answer = self._send("/feedback", self.settings.feedback_key, json=body)
        return Receipt(target, answer["retraining"]["queued"])

    def retrain(self, admin_key: str) -> int:
        """Request a retraining, and return its id."""
        return int(self._send("/retrain", admin_key)["id"])

    def activate(self, version: str, admin_key: str) -> None:
        self._send(f"/models/{version}/activate", admin_key)

    def metrics(self) -> str:
        return self._request("GET", "/metrics", "").text

    def _get(
        self,
        path: str,
        key: str = "",
        query: Mapping[str, Any] | None = None,
        seconds: float = READ_SECONDS,
    ) -> Any:
        given = key or self.settings.predict_key
        return self._read(self._request("GET", path, given, seconds, params=query))

    def _send(self, path: str, key: str, **content: Any) -> Any:
        return self._read(self._request("POST", path, key, **content))

    def _request(
        self, method: str, path: str, key: str, seconds: float = READ_SECONDS, **content: Any
    ) -> requests.Response:
        url = self.settings.serving + path
        headers = {"Authorization": f"Bearer {key}".encode()} if key else {}
        timeout = (CONNECT_SECONDS, seconds)
        with requests.Session() as session:
            session.trust_env = False  # ignore HTTP_PROXY, for our own services are not behind it
            try:
                answer = session.request(method, url, headers=headers, timeout=timeout, **content)
            except requests.exceptions.InvalidJSONError:
                raise RequestRejected(say("It holds a number that is too large.")) from None
            except requests.RequestException:
                where = self.settings.serving
                raise ServingUnreachable(
                    say("Serving does not answer at {address}.", address=where)
                ) from None
        if not answer.ok:
            raise _explain(answer)
        return answer

    def _read(self, answer: requests.Response) -> Any:
        try:
            return answer.json()
        except ValueError:
            where = self.settings.serving
            raise RequestRejected(
                say("{address} answers, but not as serving does.", address=where)
            ) from None


def _path(prediction_id: str) -> str:
    return f"/predictions/{quote(prediction_id, safe='')}"


def _explain(answer: requests.Response) -> ServingError:
    try:
        message = translate(str(answer.json()["error"]["message"]))
    except (ValueError, KeyError, TypeError):
        said = f"{answer.status_code} {answer.reason}"
        message = say("The answer was {status}.", status=said)
    return ServingBusy(message) if answer.status_code in PASSING else RequestRejected(message)
