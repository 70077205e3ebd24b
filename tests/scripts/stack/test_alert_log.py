"""The log in which people find alerts."""

import contextlib
import json
import threading
import urllib.error
import urllib.request

import pytest

from pipeline.events.alerts import AlertFile
from pipeline.events.rotated_file import RotatedFile
from scripts.stack.alert_log import AlertServer

pytestmark = pytest.mark.slow  # processes that are started, stopped and killed

ALERT = {
    "status": "firing",
    "startsAt": "2026-11-21T10:00:00.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "fingerprint": "c5a7b1",
    "labels": {"alertname": "TargetDown", "severity": "page", "job": "reporting"},
    "annotations": {"summary": "reporting cannot be read.", "description": "two\nlines"},
}


@contextlib.contextmanager
def listening(events=None):
    with AlertServer(("127.0.0.1", 0), events) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def address():
    with listening() as url:
        yield url


def post(address, body):
    with urllib.request.urlopen(address, data=body, timeout=5) as answer:
        return answer.status


def test_an_alert_is_one_line_with_what_people_need(address, capsys):
    assert post(address, json.dumps({"alerts": [ALERT]}).encode()) == 200
    (line,) = capsys.readouterr().out.splitlines()
    told = json.loads(line)
    assert (told["alert"], told["severity"], told["alertname"]) == ("firing", "page", "TargetDown")
    assert told["summary"] == "reporting cannot be read."


@pytest.mark.parametrize("body", [b"", b"[]", b"nonsense", b'{"alerts": [{}]}', b'{"alerts": 3}'])
def test_what_is_no_alert_is_refused_and_not_logged(address, capsys, body):
    with pytest.raises(urllib.error.HTTPError, match="400"):
        post(address, body)
    assert capsys.readouterr().out == ""


def test_with_events_each_is_kept_once_whatever_is_told_again(tmp_path, capsys):
    over = {**ALERT, "status": "resolved", "endsAt": "2026-11-21T10:05:00Z"}
    for told in ([ALERT], [ALERT], [ALERT, over], [over]):
        with (
            RotatedFile(tmp_path, "alerts", 1_000_000, 2) as file,
            listening(AlertFile(file)) as url,  # which was started anew
        ):
            for _ in range(2):
                assert post(url, json.dumps({"alerts": told}).encode()) == 200
    events = [json.loads(line) for line in (tmp_path / "alerts.ndjson").read_text().splitlines()]
    assert [(one["event.action"], one["@timestamp"]) for one in events] == [
        ("firing", "2026-11-21T10:00:00.123+00:00"),
        ("resolved", "2026-11-21T10:05:00.000+00:00"),
    ]
    assert events[0]["boucle.alert.name"] == "TargetDown"
