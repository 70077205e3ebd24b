"""The port of the Evidently UI while its process rests."""

import threading

from pipeline.hosts import Hosts
from pipeline.setting_tables import ReportingSettings
from reporting import ui_door
from reporting.ui_door import UiDoor
from tests.support.processes.servers import free_port


def test_a_door_at_which_nobody_knocks_sleeps(monkeypatch):
    """It looks five times a second whether the end has come, and not all the time."""
    looks = []
    monkeypatch.setattr(ui_door._Server, "handle_timeout", lambda _: looks.append(1))
    door = UiDoor(ReportingSettings(host="127.0.0.1", ui_port=free_port()), Hosts())
    door.open()
    with door:
        threading.Event().wait(0.5)
    assert 1 <= len(looks) <= 5
