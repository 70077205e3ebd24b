"""The doctor where the stack's tests cannot take it: without docker, and with a Grafana."""

import json
import os
import subprocess
import sys
import threading
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from scripts.stack.compose_stack import CheckFailed, ComposeStack
from scripts.stack.health_checks import check_source
from tests.support.processes.servers import ROOT


class Grafana(BaseHTTPRequestHandler):
    """As much of Grafana as the doctor asks for."""

    status = "OK"

    def do_GET(self):
        asked = (self.path, b64decode(self.headers["Authorization"].split()[1]))
        right = asked == ("/api/datasources/uid/boucle-prometheus/health", b"admin:open sesame")
        self.send_response(200 if right else 401)
        self.end_headers()
        self.wfile.write(json.dumps({"status": self.status, "message": "no answer"}).encode())

    def log_message(self, *arguments):
        pass


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """A stack whose docker knows of this Grafana and of its password."""
    server = HTTPServer(("127.0.0.1", 0), Grafana)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ports = [{"URL": "127.0.0.1", "PublishedPort": server.server_port}]
    row = json.dumps({"Service": "grafana", "Health": "healthy", "Publishers": ports})
    answers = f"config) echo grafana ;;\nps) echo '{row}' ;;\nexec) echo open sesame ;;"
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\ncase "$2" in\n{answers}\nesac\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    yield ComposeStack()
    server.shutdown()
    server.server_close()


def test_grafana_is_asked_for_its_data_source_with_its_password(stack):
    assert check_source(stack) == "Grafana reads Prometheus"


def test_a_data_source_that_does_not_answer_is_wrong(stack, monkeypatch):
    monkeypatch.setattr(Grafana, "status", "ERROR")
    with pytest.raises(CheckFailed, match="no answer"):
        check_source(stack)


def test_without_docker_it_says_so_and_what_to_do(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "scripts.stack.doctor"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "there is no docker here" in done.stderr
    assert "make run" in done.stderr
