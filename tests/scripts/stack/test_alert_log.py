"""The log in which people find alerts."""

import json
import threading
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer

import pytest

from scripts.stack.alert_log import Receiver

ALERT = {
    "status": "firing",
    "startsAt": "2026-11-21T10:00:00Z",
    "labels": {"alertname": "TargetDown", "severity": "page", "job": "reporting"},
    "annotations": {"summary": "reporting cannot be read.", "description": "two\nlines"},
}


@pytest.fixture
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


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
