"""A hole in a pinned package fails `make check`; a machine without a network does not."""

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.processes.servers import ROOT, free_port

HOLE = {"id": "PYSEC-2026-1", "affected": [], "details": "a hole", "modified": "2026-01-01"}


class Service(BaseHTTPRequestHandler):
    """Knows a hole in one version of one package, as OSV would answer."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        holed = asked["package"]["name"] == "holed" and asked["version"] == "1.0"
        content = json.dumps({"vulns": [HOLE]} if holed else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def service():
    pytest.importorskip("pip_audit", reason="the group dev has it")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def audit(*options):
    command = [sys.executable, "-m", "scripts.supply_chain.audit", *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("version", "code"), [("1.0", 1), ("1.1", 0)])
def test_a_known_hole_fails(service, tmp_path, version, code):
    (tmp_path / "pinned.txt").write_text(f"sound==2.0\nholed=={version}\n")
    done = audit("--if-reachable", "--url", service, str(tmp_path / "pinned.txt"))
    assert (done.returncode, HOLE["id"] in done.stdout) == (code, code == 1), done.stderr


def test_what_we_pin_can_be_asked_for(service):
    done = audit("--url", service)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("options", "code"), [((), 1), (("--if-reachable",), 0)])
def test_without_a_network_it_says_so(options, code):
    done = audit("--url", f"http://127.0.0.1:{free_port()}", *options)
    told = done.stdout or done.stderr
    assert (done.returncode, "does not answer" in told) == (code, True)
    assert len(told.splitlines()) == 1
