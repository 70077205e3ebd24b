"""Where people see alerts when nothing else is set up: writes each into its log as one line.

Alertmanager has no receiver that logs. Read it with `docker compose logs alert-log`. With
`logs.events` each is an event in logs/alerts.ndjson as well.
"""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipeline.events.alerts import NAME as FILE
from pipeline.events.alerts import AlertFile
from pipeline.events.rotated_file import RotatedFile
from pipeline.settings import load_settings

PORT = 8090
MOST_BYTES = 1_000_000


class Receiver(BaseHTTPRequestHandler):
    """Alertmanager's webhook."""

    timeout = 10
    server: "AlertServer"

    def do_GET(self) -> None:
        self._answer(HTTPStatus.OK)

    def do_POST(self) -> None:
        try:
            size = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(min(size, MOST_BYTES)))
            lines = [tell(alert) for alert in body["alerts"]]
            self.server.keep(body["alerts"])
        except (TypeError, ValueError, KeyError, AttributeError):
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        except OSError as error:  # Alertmanager will tell them again
            print(json.dumps({"error": f"Alerts are not kept: {error}"}), flush=True)
            self._answer(HTTPStatus.INSUFFICIENT_STORAGE)
            return
        print("\n".join(lines), flush=True)
        self._answer(HTTPStatus.OK)

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # the name is given
        """Alerts alone are worth a line."""


class AlertServer(ThreadingHTTPServer):
    """With `events`, what comes is kept in that file too."""

    def __init__(self, address: tuple[str, int], events: AlertFile | None = None) -> None:
        super().__init__(address, Receiver)
        self._events = events
        self._one_at_a_time = threading.Lock()

    def keep(self, alerts: list[dict[str, Any]]) -> None:
        if self._events is not None:
            with self._one_at_a_time:
                self._events.append(alerts)


def tell(alert: dict[str, Any]) -> str:
    """An alert as a line of JSON, which keeps line breaks in a text from making a second line."""
    labels, notes = alert["labels"], alert["annotations"]
    names = ("severity", "alertname", "job", "instance")
    shown = {name: labels[name] for name in names if name in labels}
    facts = {"alert": alert["status"], "since": alert["startsAt"], **shown, **notes}
    return json.dumps(facts, ensure_ascii=False)


def main() -> None:
    wanted = load_settings().logs
    events = None
    if wanted.events:
        most = int(wanted.rotate_mb * 1_000_000)
        events = AlertFile(RotatedFile(wanted.folder, FILE, most, wanted.keep))
    with AlertServer(("", PORT), events) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
