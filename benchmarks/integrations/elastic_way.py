"""Store, shipper, Fluent Bit and what plays Elasticsearch, each a process that can be killed."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
import requests

from benchmarks.serving.processes import resident_megabytes
from benchmarks.serving.servers import ROOT, free_port
from benchmarks.sites import Site
from pipeline.store.database import connect, create_schema
from pipeline.store.encoding import rows_to_bytes
from pipeline.store.prediction_log import PredictionWriter
from pipeline.store.records import new_ids
from scripts.elastic.templates import STREAM, USER

OWNER, WRITER = ("elastic", "of-the-owner"), "of-the-writer"
PART = 20
PATIENCE = 240.0
Moment = Callable[[float], None]  # what is done at so many seconds


class Way:
    """A context; predictions are written into the store as serving does."""

    def __init__(self, site: Site, folder: Path, rotate_mb: float = 50.0) -> None:
        self.folder = folder
        url = f"sqlite:///{folder / 'records.db'}"
        self._environment = {
            **os.environ,
            **site.environment,
            "BOUCLE_STORE__URL": url,
            "BOUCLE_LOGS__EVENTS": "true",
            "BOUCLE_LOGS__FOLDER": str(folder / "logs"),
            "BOUCLE_LOGS__ROTATE_MB": str(rotate_mb),
            "BOUCLE_LOGS__KEEP": "100",
            "PYTHONPATH": str(ROOT),
        }
        self._engine = connect(site.settings().store.model_copy(update={"url": url}))
        create_schema(self._engine)
        self._writer = PredictionWriter(self._engine)
        self._port = free_port()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.written, self.shipper_megabytes = 0, 0.0
        (folder / "buffer").mkdir(exist_ok=True)

    def __enter__(self) -> Self:
        address, more = f"http://127.0.0.1:{self._port}", ["--kibana-port", str(free_port())]
        play = [sys.executable, os.environ["ELASTIC"], "--port", str(self._port), *more]
        self._start("elastic", [*play, "--user", ":".join(OWNER)])
        told = {"ELASTICSEARCH_URL": address, "ELASTIC_PASSWORD": OWNER[1]}
        environment = {**self._environment, **told, "EVENTS_PASSWORD": WRITER}
        setup = [sys.executable, "-m", "scripts.elastic.setup"]
        subprocess.run(setup, env=environment, check=True, stdout=subprocess.DEVNULL)
        text = (ROOT / "elastic/fluent-bit.yaml").read_text()
        config = text.replace("http_port: 2020", f"http_port: {free_port()}")
        (self.folder / "fluent-bit.yaml").write_text(config)
        self.start_shipper()
        self.start_carrier()
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._running):
            self.kill(name)
        self._writer.close()
        self._engine.dispose()

    def start_shipper(self) -> None:
        self._start("shipper", [sys.executable, "-m", "scripts.retraining.event_shipper"])

    def start_carrier(self) -> None:
        place = {"ELASTIC_HOST": "127.0.0.1", "ELASTIC_PORT": str(self._port)}
        user = {"ELASTIC_TLS": "off", "EVENTS_USER": USER, "EVENTS_PASSWORD": WRITER}
        folders = {"EVENTS_FOLDER": "logs", "BUFFER_FOLDER": "buffer"}
        named = {name: str(self.folder / own) for name, own in folders.items()}
        command = [os.environ["FLUENT_BIT"], "-c", str(self.folder / "fluent-bit.yaml")]
        self._start("carrier", command, **place, **user, **named)

    def _start(self, name: str, command: list[str], **more: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command, env={**self._environment, **more}, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        process = self._running.pop(name)
        process.kill()
        process.wait()

    def fault(self, **what: object) -> None:
        """How Elasticsearch answers from now on; without anything, as it should."""
        self._ask("POST", "/_faults", json=what or {"times": 0})

    def predict(self, seconds: float, rate: float = 200, at: Moment | None = None) -> None:
        """So many predictions a second; `at` is called each second."""
        began, last, sent = time.monotonic(), -1, 0
        while (passed := time.monotonic() - began) < seconds:
            if at is not None and int(passed) > last:
                last = int(passed)
                at(last)
            while sent + PART <= passed * rate:
                self.write(PART)
                sent += PART
            time.sleep(0.02)

    def write(self, count: int) -> None:
        now = time.time()
        shares = rows_to_bytes(np.tile([0.9, 0.1], (count, 1)))
        facts = zip(new_ids(now, count), shares, strict=True)
        self._writer.write(
            [(i, now, "0001", "e", b"[]", b"", 0.1, "benign", share) for i, share in facts]
        )
        self.written += count

    def arrived(self) -> tuple[int, int]:
        """Events of predictions in the index, and how many of them are there again."""
        found = self._ask("POST", f"/{STREAM}/_search", json={"size": 10_000_000}).json()
        ids = Counter(
            hit["_source"]["event.id"]
            for hit in found["hits"]["hits"]
            if hit["_source"]["event.dataset"] == "boucle.prediction"
        )
        return len(ids), sum(ids.values()) - len(ids)

    def finish(self) -> float:
        """Wait until all that was predicted has arrived; returns how long it took."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            self.look_at_memory()
            if self._count() >= self.written:
                break
            time.sleep(0.5)
        return time.monotonic() - began

    def look_at_memory(self) -> None:
        if "shipper" in self._running:
            now = resident_megabytes(self._running["shipper"].pid)
            self.shipper_megabytes = max(self.shipper_megabytes, now)

    def _count(self) -> int:
        return int(self._ask("GET", f"/{STREAM}/_count").json()["count"])

    def _ask(self, method: str, path: str, **content: Any) -> requests.Response:
        address = f"http://127.0.0.1:{self._port}{path}"
        return requests.request(method, address, auth=OWNER, timeout=120, **content)
