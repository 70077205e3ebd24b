"""MLflow's webhook: told of a moved alias, the recorder looks at once and not two seconds later.

What it says is not believed, only that there is something to look at; and that only if it is signed
with the secret that MLflow and we share.
"""

import base64
import hashlib
import hmac
import logging
import threading
import time
from collections.abc import Callable, Mapping
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from pipeline.setting_tables import TrackingSettings
from scripts.cli.command import CommandError

log = logging.getLogger("tracking")
SIGNATURE, TIMESTAMP, DELIVERY = "X-MLflow-Signature", "X-MLflow-Timestamp", "X-MLflow-Delivery-Id"
FRESH_SECONDS = 300.0
MOST_BYTES = 65_536
LEAST_SECRET = 16  # characters


Headers = Mapping[str, str] | Message


def is_authentic(secret: str, headers: Headers, body: bytes, now: float) -> bool:
    """Whether MLflow signed this, and a short while ago."""
    sent, delivery = headers.get(TIMESTAMP, ""), headers.get(DELIVERY, "")
    if not (sent.isascii() and sent.isdecimal() and abs(now - int(sent)) <= FRESH_SECONDS):
        return False
    signed = f"{delivery}.{sent}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    wanted = f"v1,{base64.b64encode(digest).decode()}"
    return hmac.compare_digest(wanted.encode(), headers.get(SIGNATURE, "").encode())


def start_webhook(wanted: TrackingSettings, wake: Callable[[], None]) -> HTTPServer | None:
    """Listen, where a port is set; one request at a time is answered."""
    if not wanted.webhook_port:
        return None
    secret = read_secret(wanted.webhook_secret_file)

    class Handler(BaseHTTPRequestHandler):
        timeout = 5.0  # of a client that says nothing

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not (length.isascii() and length.isdecimal() and int(length) <= MOST_BYTES):
                self.send_error(413)
            elif is_authentic(secret, self.headers, self.rfile.read(int(length)), time.time()):
                wake()
                self.send_response(204)
                self.end_headers()
            else:
                self.send_error(401)

        def log_message(self, *_: object) -> None:
            """What strangers ask for is not worth a line."""

    server = HTTPServer((wanted.webhook_host, wanted.webhook_port), Handler)
    threading.Thread(target=server.serve_forever, name="webhook", daemon=True).start()
    log.info("MLflow's webhook is awaited on %s:%s", *server.server_address)
    return server


def read_secret(file: str) -> str:
    try:
        secret = Path(file).read_text().strip() if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"tracking.webhook_secret_file cannot be read: {error}.") from None
    if len(secret) < LEAST_SECRET:
        raise CommandError(
            f"tracking.webhook_port needs a secret of {LEAST_SECRET} characters or more in the "
            f"file that tracking.webhook_secret_file names."
        )
    return secret
