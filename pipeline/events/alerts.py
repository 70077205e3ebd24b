"""Writes alerts of Alertmanager as events, to a file of their own: its container has no store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pipeline.events.rotated_file import RotatedFile
from pipeline.events.schema import ALERT, Event, begin_event

NAME = "alerts"
SUMMARY, RUNBOOK = "summary", "runbook_url"


def describe_alert(alert: dict[str, Any]) -> Event:
    """An alert from its webhook as an event; beginning and end are two events."""
    state, labels, notes = alert["status"], alert["labels"], alert["annotations"]
    at = datetime.fromisoformat(alert["startsAt" if state == "firing" else "endsAt"])
    number = f"alert-{alert['fingerprint']}-{round(at.timestamp() * 1e3)}-{state}"
    told: Event = {
        **begin_event(at, ALERT, state, number),
        "message": notes.get(SUMMARY, labels["alertname"]),
        "boucle.alert.name": labels["alertname"],
        "boucle.alert.labels": labels,
    }
    optional = {"severity": labels.get("severity"), "runbook": notes.get(RUNBOOK)}
    return {**told, **{f"boucle.alert.{name}": one for name, one in optional.items() if one}}


class AlertFile:
    """Writes each alert once, although Alertmanager repeats those that still hold."""

    def __init__(self, file: RotatedFile) -> None:
        self._file = file
        self._written = {event["event.id"] for event in file.read_back()}

    def append(self, alerts: Sequence[dict[str, Any]]) -> None:
        told = {event["event.id"]: event for event in map(describe_alert, alerts)}
        new = [event for number, event in told.items() if number not in self._written]
        self._file.append(new)
        self._written.update(event["event.id"] for event in new)
