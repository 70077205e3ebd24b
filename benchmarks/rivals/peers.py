"""Other model servers, as documented and tuned, each in an environment made on demand."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from benchmarks.rivals.model import first_row
from benchmarks.serving.contenders import Contender
from benchmarks.serving.load import Request
from benchmarks.serving.servers import ROOT, Launch, free_port, prepare

COMMON = ["scikit-learn", "joblib", "skl2onnx", "onnxruntime", "uvloop", "httptools"]


@dataclass(frozen=True)
class Peer:
    """A model server; `start` gets its programs, a port, the model's folder, and tuned or not."""

    title: str
    packages: list[str]
    start: Callable[[Path, int, Path, bool], Launch]


def peer_contenders(cache: Path) -> dict[str, Contender]:
    contenders = {}
    for name, peer in all_peers().items():
        start = partial(start_peer, peer, cache / name)
        contenders[name] = Contender(f"{peer.title}, as documented", partial(start, tuned=False))
        contenders[f"{name}-onnx"] = Contender(f"{peer.title}, ONNX", partial(start, tuned=True))
    return contenders


def all_peers() -> dict[str, Peer]:
    return {
        "bentoml": Peer("BentoML", ["bentoml"], start_bentoml),
        "mlflow": Peer("MLflow", ["mlflow", "onnx"], start_mlflow),
        # With uvloop 0.22 the workers of MLServer 1.7.1 end at start: no current event loop.
        "mlserver": Peer(
            "MLServer", ["mlserver", "mlserver-sklearn", "uvloop<0.22"], start_mlserver
        ),
        "litserve": Peer("LitServe", ["litserve"], start_litserve),
    }


def start_peer(peer: Peer, environment: Path, port: int, folder: Path, tuned: bool) -> Launch:
    programs = environment / "bin"
    install(environment, [*peer.packages, *COMMON])
    env = {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "MODEL_FOLDER": str(folder),
    }
    python = str(programs / "python")
    prepare([python, "-m", "benchmarks.rivals.model", str(folder), "--onnx"], env)
    launch = peer.start(programs, port, folder, tuned)
    note = installed_version(python, peer.packages[0])
    return replace(launch, env=env | launch.env, folder=folder, note=note)


def install(environment: Path, packages: list[str]) -> None:
    """Make a virtual environment, unless one with these packages was made before."""
    made = environment / "made-of.txt"
    wanted = f"Python {platform.python_version()}, {', '.join(packages)}\n"
    if made.exists() and made.read_text() == wanted:
        return
    print(f"installing {packages[0]} into {environment}", flush=True)
    prepare([sys.executable, "-m", "venv", "--clear", str(environment)])
    prepare([str(environment / "bin" / "pip"), "install", "--quiet", *packages])
    made.write_text(wanted)


def installed_version(python: str, package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout


def row() -> list[float]:
    features = first_row("breast_cancer")
    return list(features.values()) if isinstance(features, dict) else features


def asking(path: str, body: object, expect: str) -> Callable[[int], Request]:
    request = Request(path, json.dumps(body).encode(), expect.encode())
    return lambda _: request


def start_bentoml(programs: Path, port: int, _: Path, tuned: bool) -> Launch:
    service = f"benchmarks.rivals.bentoml_service:{'Tuned' if tuned else 'Documented'}"
    command = [str(programs / "bentoml"), "serve", service, "--port", str(port)]
    return Launch(
        [*command, "--host", "127.0.0.1", "--working-dir", str(ROOT)],
        asking("/predict", {"rows": [row()]}, "[["),
        env={"BENTOML_DO_NOT_TRACK": "True"},
    )


def start_mlflow(programs: Path, port: int, folder: Path, tuned: bool) -> Launch:
    prepare([str(programs / "python"), "-m", "benchmarks.rivals.mlflow_models", str(folder)])
    model = folder / ("tuned" if tuned else "documented")
    command = [str(programs / "mlflow"), "models", "serve", "--model-uri", str(model)]
    return Launch(
        [*command, "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port)],
        asking("/invocations", {"inputs": [row()]}, '"predictions"'),
        env={"UVICORN_ACCESS_LOG": "false"} if tuned else {},
    )


def start_mlserver(programs: Path, port: int, folder: Path, tuned: bool) -> Launch:
    scikit = {"implementation": "mlserver_sklearn.SKLearnModel"}
    onnx = {"implementation": "benchmarks.rivals.mlserver_onnx.OnnxModel"}
    uri = {"parameters": {"uri": "./pipeline.joblib"}}
    settings = {"name": "cancer", **(onnx if tuned else scikit), **uri}
    (folder / "model-settings.json").write_text(json.dumps(settings))
    ports = {
        "MLSERVER_HOST": "127.0.0.1",
        "MLSERVER_HTTP_PORT": str(port),
        "MLSERVER_GRPC_PORT": str(free_port()),
        "MLSERVER_METRICS_PORT": str(free_port()),
    }
    # A row costs less than the way to a worker process or into a batch.
    knobs = {"MLSERVER_PARALLEL_WORKERS": "0", "MLSERVER_DEBUG": "false"}
    rows = {"name": "rows", "shape": [1, len(row())], "datatype": "FP64", "data": row()}
    body = {"inputs": [rows], "outputs": [{"name": "predict_proba"}]}
    return Launch(
        [str(programs / "mlserver"), "start", str(folder)],
        asking("/v2/models/cancer/infer", body, '"predict_proba"'),
        env=ports | (knobs if tuned else {}),
    )


def start_litserve(programs: Path, port: int, _: Path, tuned: bool) -> Launch:
    module = "benchmarks.rivals.litserve_server"
    way = "tuned" if tuned else "documented"
    return Launch(
        [str(programs / "python"), "-m", module, str(port), way],
        asking("/predict", {"input": row()}, '"output"'),
    )
