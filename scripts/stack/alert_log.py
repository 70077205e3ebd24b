"""Where people see alerts when nothing else is set up: writes each into its log as one line.

Alertmanager has no receiver that logs. Read it with `docker compose logs alert-log`.
"""

import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PORT = 8090
MOST_BYTES = 1_000_000


class Receiver(BaseHTTPRequestHandler):
    """Alertmanager's webhook."""

    timeout = 10

    def do_GET(self) -> None:
        self._answer(HTTPStatus.OK)

    def do_POST(self) -> None:
        try:
            size = int(self.headers["Content-Length"])
            body = json.loads(self.rfile.read(min(size, MOST_BYTES)))
            lines = [tell(alert) for alert in body["alerts"]]
        except (TypeError, ValueError, KeyError, AttributeError):
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        print("\n".join(lines), flush=True)
        self._answer(HTTPStatus.OK)

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # the name is given
        """Alerts alone are worth a line."""


def tell(alert: dict[str, Any]) -> str:
    """An alert as a line of JSON, which keeps line breaks in a text from making a second line."""
    labels, notes = alert["labels"], alert["annotations"]
    names = ("severity", "alertname", "job", "instance")
    shown = {name: labels[name] for name in names if name in labels}
    facts = {"alert": alert["status"], "since": alert["startsAt"], **shown, **notes}
    return json.dumps(facts, ensure_ascii=False)


def main() -> None:
    with ThreadingHTTPServer(("", PORT), Receiver) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
