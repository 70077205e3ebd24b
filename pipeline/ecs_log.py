"""Lines of a log as JSON in the names of the Elastic Common Schema. Used by every service."""

import json
import logging
from datetime import UTC, datetime
from typing import Any, Literal

FIELDS = "fields"  # what a line says beside its sentence: log.info("...", extra={FIELDS: {...}})
NAMES = {  # of what the services say beside their sentences
    "method": "http.request.method",
    "handler": "url.path",
    "status": "http.response.status_code",
    "request_id": "trace.id",
}
LogFormat = Literal["auto", "ecs"]


class EcsFormatter(logging.Formatter):
    """`service` is who speaks: serving, trainer or reporting."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "@timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "log.level": record.levelname.lower(),
            "message": record.getMessage(),
            "ecs.version": "9.0.0",
            "service.name": "boucle",
            "event.dataset": f"boucle.{self._service}",
            "log.logger": record.name,
            **dict(_rename(getattr(record, FIELDS, {}))),
        }
        if record.exc_info:
            line["error.stack_trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def _rename(fields: dict[str, Any]) -> Any:
    for name, value in fields.items():
        if name == "ms":
            yield "event.duration", int(value * 1_000_000)  # nanoseconds
        else:
            yield NAMES.get(name, f"boucle.log.{name}"), value


def log_as(wanted: LogFormat, service: str) -> None:
    """Under `ecs` all that is logged from now on; else nothing changes."""
    if wanted == "ecs":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(EcsFormatter(service))
