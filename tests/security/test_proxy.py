"""Behind Debian's nginx: the login of docs/nginx.conf, and nothing smuggled through an upgrade."""

import base64
import os
import shutil
import socket
import ssl
import subprocess
import sys

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.support.processes.servers import ROOT, free_port, wait_for
from tests.webapp.stack import Stack

pytestmark = pytest.mark.slow
NAME = "boucle.example.org"
LOGIN = ("me", "a password")
THROUGH = """
server {{
    listen 127.0.0.1:{port};
    location = /schema {{ return 403; }}
    location / {{
        proxy_pass http://127.0.0.1:{behind};
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $boucle_connection;
    }}
}}
"""


class Nginx:
    """With the file from docs, and one that passes upgrades on to serving."""

    def __init__(self, folder, stack):
        self.page, self.evidently, self.serving = (free_port() for _ in range(3))
        self.folder = folder
        text = (ROOT / "docs/nginx.conf").read_text()
        for was, now in {
            "listen 443": f"listen 127.0.0.1:{self.page}",
            "listen 8443": f"listen 127.0.0.1:{self.evidently}",
            "127.0.0.1:8081": stack.page.partition("//")[2],
            "127.0.0.1:8082": f"127.0.0.1:{stack.ui_port}",
            "/etc/nginx/": f"{folder}/",
        }.items():
            assert was in text
            text = text.replace(was, now)
        behind = stack.serving.rpartition(":")[2]
        text += THROUGH.format(port=self.serving, behind=behind)
        (folder / "nginx.conf").write_text(
            f"user root; pid {folder}/pid; daemon off; error_log {folder}/error.log;\n"
            f"events {{}} http {{ access_log off; client_body_temp_path {folder};\n{text}\n}}"
        )
        self._make_secrets()
        command = [shutil.which("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]
        self.process = subprocess.Popen(command)
        wait_for(self._listens)

    def _make_secrets(self):
        def openssl(*options):
            done = subprocess.run(
                ["openssl", *options], cwd=self.folder, check=True, capture_output=True
            )
            return done.stdout.decode().strip()

        hashed = openssl("passwd", "-6", LOGIN[1])
        (self.folder / "boucle.htpasswd").write_text(f"{LOGIN[0]}:{hashed}\n")
        (self.folder / "boucle.htpasswd").chmod(0o644)
        files = ("-keyout", "boucle.key", "-out", "boucle.pem")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}", *files)

    def _listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.page)).close()
        except OSError:
            return False
        return True

    def stop(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def stack(cancer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("proxy")
    stack = Stack(cancer.copy(folder, ACCESS__HOSTS=f'["{NAME}"]'))
    stack.ui_port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STREAMLIT_SERVER_ALLOWED_HOSTS", NAME)
        patch.setenv("STREAMLIT_BROWSER_SERVER_ADDRESS", NAME)
        stack.start_serving()
        stack.start_page()
    settings = {
        "BOUCLE_REPORTING__UI_PORT": str(stack.ui_port),
        "BOUCLE_REPORTING__WORKSPACE": str(folder / "workspace"),
    }
    reporting = subprocess.Popen(
        [sys.executable, "-m", "reporting.project", "--serve"],
        cwd=ROOT,
        env={**os.environ, **stack.environment, **settings},
    )
    yield stack
    reporting.terminate()
    reporting.wait()
    stack.stop_all()


@pytest.fixture(scope="module")
def nginx(stack, tmp_path_factory):
    if shutil.which("nginx") is None:
        pytest.skip("no nginx here: apt install nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    nginx = Nginx(folder, stack)
    yield nginx
    nginx.stop()


def ask(port, path="/", auth=None, name=NAME):
    return httpx.get(
        f"https://127.0.0.1:{port}{path}",
        headers={"host": name},
        auth=auth,
        verify=False,
        trust_env=False,
    )


def test_page_and_evidently_ask_for_the_login(nginx):
    for port in (nginx.page, nginx.evidently):
        assert ask(port).status_code == 401
        assert ask(port, auth=("me", "guessed")).status_code == 401
        wait_for(lambda port=port: ask(port, auth=LOGIN).status_code == 200, seconds=60)


def shake_hands(nginx, headers, name=NAME):
    """As the page's script opens its connection."""
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    return connect(
        f"wss://{name}:{nginx.page}/_stcore/stream",
        sock=socket.create_connection(("127.0.0.1", nginx.page)),
        ssl=trusting,
        origin=f"https://{name}",
        subprotocols=["streamlit"],
        additional_headers=headers,
    )


def test_the_page_works_behind_it_under_its_name_and_no_other(nginx):
    token = base64.b64encode(":".join(LOGIN).encode()).decode()
    login = {"authorization": f"Basic {token}"}
    with shake_hands(nginx, login) as opened:
        assert opened.response.status_code == 101
    for headers, name in (({}, NAME), (login, "evil.example")):
        with pytest.raises(InvalidStatus), shake_hands(nginx, headers, name):
            pass


@pytest.mark.parametrize("way", ["upgrade: websocket", "upgrade: h2c", "upgrade: x"])
def test_an_upgrade_smuggles_no_second_request(nginx, way):
    """What followed it came past nginx, which forbids /schema here."""
    first = f"GET /livez HTTP/1.1\r\nhost: {NAME}\r\nconnection: upgrade\r\n{way}\r\n\r\n"
    second = "GET /schema HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", nginx.serving), timeout=5) as connection:
        connection.sendall((first + second).encode())
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    assert received.startswith(b"HTTP/1.1 400")
    assert b"features" not in received
