"""Logs: lines for a person at a terminal, JSON for everything else.

Neither feature values nor labels are ever logged.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from pipeline.ecs_log import FIELDS, LogFormat, log_as


class JsonFormatter(logging.Formatter):
    """A line of JSON with `timestamp`, `level`, `event` and the fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TerminalFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, FIELDS, {})
        return " ".join([super().format(record), *(f"{k}={v}" for k, v in fields.items())])


def configure_logs(wanted: LogFormat = "auto") -> None:
    """Send all loggers, uvicorn's too, to the standard error stream."""
    handler = logging.StreamHandler(sys.stderr)
    terminal = TerminalFormatter("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")
    handler.setFormatter(terminal if sys.stderr.isatty() else JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    log_as(wanted, "serving")
