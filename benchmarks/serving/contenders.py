"""The servers that serving.py always measures: two floors, ours, and the naive app."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rivals.model import first_row
from benchmarks.serving.load import Request, send
from benchmarks.serving.servers import Launch, prepare

UVICORN = [sys.executable, "-m", "uvicorn", "--loop", "uvloop", "--http", "httptools"]


@dataclass(frozen=True)
class Contender:
    """A line of the table; `start` gets a free port and an empty folder of its own."""

    label: str
    start: Callable[[int, Path], Launch]
    echo: str = "echo"


def core_contenders() -> dict[str, Contender]:
    return {
        "hello": Contender("FastAPI `GET /hello` (floor)", start_hello),
        "echo": Contender("raw ASGI echo, breast_cancer (physical floor)", start_echo),
        "echo-digits": Contender(
            "raw ASGI echo, digits (physical floor)", start_echo_digits, "echo-digits"
        ),
        "ours": Contender("**Boucle** `POST /predict`, breast_cancer", start_ours),
        "ours-digits": Contender(
            "**Boucle** `POST /predict`, digits", start_ours_digits, "echo-digits"
        ),
        "naive": Contender("naive course app", start_naive),
    }


def uvicorn(app: str, port: int) -> list[str]:
    return [*UVICORN, "--no-access-log", "--port", str(port), f"benchmarks.rivals.{app}:app"]


def prediction_request(path: str, dataset: str, expect: bytes) -> Request:
    body = json.dumps({"features": first_row(dataset)}).encode()
    return Request(path, body, expect)


def start_hello(port: int, _: Path) -> Launch:
    request = Request("/hello", None, b'"hello"')
    return Launch(uvicorn("hello", port), lambda _: request)


def start_echo(port: int, _: Path, dataset: str = "breast_cancer") -> Launch:
    request = prediction_request("/", dataset, b'"features"')
    return Launch(uvicorn("echo", port), lambda _: request)


def start_echo_digits(port: int, folder: Path) -> Launch:
    return start_echo(port, folder, "digits")


def start_naive(port: int, folder: Path) -> Launch:
    prepare([sys.executable, "-m", "benchmarks.rivals.model", str(folder)])
    request = prediction_request("/predict", "breast_cancer", b'"prediction"')
    env = {"NAIVE_FOLDER": str(folder)}
    return Launch(uvicorn("naive", port), lambda _: request, env=env)


def start_ours(port: int, folder: Path, dataset: str = "breast_cancer") -> Launch:
    """Prepare, train and start Boucle with everything it writes in `folder`."""
    env = {
        "PYTHONPATH": ".",
        "BOUCLE_DATASET__SOURCE": dataset,
        "BOUCLE_PATHS__DATA": str(folder / "data"),
        "BOUCLE_ARTIFACTS__FOLDER": str(folder / "artifacts"),
        "BOUCLE_ARTIFACTS__SIGNING_KEY": str(folder / "signing.key"),
        "BOUCLE_SERVING__KEYS": str(folder / "keys.json"),
        "BOUCLE_STORE__URL": f"sqlite:///{folder}/boucle.db",
        "BOUCLE_SERVING__PORT": str(port),
    }
    for script in ("scripts/prepare.py", "scripts/train.py"):
        prepare([sys.executable, script], env)
    return Launch([sys.executable, "-m", "serving"], example_request, env=env)


def start_ours_digits(port: int, folder: Path) -> Launch:
    return start_ours(port, folder, "digits")


def example_request(port: int) -> Request:
    """One row made of the examples in /schema: by name, or a list of pixels."""
    schema = json.loads(send(port, "/schema"))
    row = {feature["name"]: feature["example"] for feature in schema["features"]}
    features = list(row.values()) if schema["kind"] == "image" else row
    return Request("/predict", json.dumps({"features": features}).encode(), b'"prediction"')
