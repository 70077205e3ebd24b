"""What is done to versions in a bucket to prove its promises; by a test and by the benchmark."""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from pipeline.registry.registry import ModelRegistry, ParentReplaced
from pipeline.registry.signed_folder import MANIFEST, UntrustedArtifact
from tests.reliability.clients import Client, working
from tests.support.models_and_records.places import InBucket
from tests.support.models_and_records.versions import publish_live, publish_small
from tests.support.processes.servers import Server

PUBLISHER = """
import os, random, signal, sys, time
from pathlib import Path
from tests.support.models_and_records.places import InBucket

def publish():
    registry = InBucket(sys.argv[1], Path(sys.argv[2]), grace_seconds=0).registry
    while True:
        files = {name: os.urandom(50_000) for name in ("scaler.pkl", "pca.pkl", "model.pkl")}
        registry.activate(registry.publish(files, {}).manifest["version"])

for line in sys.stdin:
    publisher = os.fork()
    if publisher == 0:
        publish()
    time.sleep(float(line))
    os.kill(publisher, signal.SIGKILL)
    os.waitpid(publisher, 0)
    print("killed", flush=True)
"""


def race(versions: InBucket, turns: int) -> Counter[str]:
    """Two trainers put a version each in the place of the same parent, at the same moment."""
    parent, *rivals = [publish_small(versions.registry).manifest["version"] for _ in range(3)]
    trainers, told = [versions.elsewhere(), versions.elsewhere()], Counter[str]()
    together = threading.Barrier(2)

    def replace(trainer: ModelRegistry, number: str) -> str | None:
        together.wait()
        try:
            trainer.activate(number, instead_of=parent)
        except ParentReplaced:
            return None
        return number

    with ThreadPoolExecutor(2) as pool:
        for _ in range(turns):
            versions.registry.activate(parent)
            won = [number for number in pool.map(replace, trainers, rivals) if number]
            right = versions.registry.place.live() == [*won, parent]
            told["one won" if len(won) == 1 and right else "lost"] += 1
    return told


def kill_publishers(versions: InBucket, turns: int, seconds: float = 0.3) -> Counter[str]:
    """After each kill another machine looks: CURRENT, and every version that is there."""
    publish_live(versions.registry)
    command = [sys.executable, "-c", PUBLISHER, versions.url, str(versions.caches / "publisher")]
    told, chance = Counter[str](), random.Random(0)
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdin is not None and driver.stdout is not None
        for _ in range(turns):
            print(chance.uniform(0, seconds), file=driver.stdin, flush=True)
            assert driver.stdout.readline() == "killed\n"
            told["whole" if _is_whole(versions) else "damaged"] += 1
            told["cut within a version"] += _is_cut(versions)
    return told


def _is_whole(versions: InBucket) -> bool:
    elsewhere = versions.elsewhere()
    try:
        current = elsewhere.current().manifest["version"]
        opened = [elsewhere.open(number) for number in elsewhere.numbers()]
    except UntrustedArtifact:
        return False
    return current == elsewhere.live_history()[0] and bool(opened)


def _is_cut(versions: InBucket) -> bool:
    """Whether the last number is that of a publisher that never came to its manifest."""
    names = list(versions.objects.names("versions"))
    last = max((name.split("/")[1] for name in names), key=int)
    return f"versions/{last}/{MANIFEST}" not in names


def damage(versions: InBucket, turns: int) -> Counter[str]:
    """An object is cut, changed, foreign or away: the version is refused, and the one before it
    serves."""
    before, live = publish_live(versions.registry), publish_live(versions.registry)
    names = [*versions.objects.names(f"versions/{live}")]
    names.remove(f"versions/{live}/claim")
    told, chance = Counter[str](), random.Random(0)
    for _ in range(turns):
        name, (kind, change) = chance.choice(names), chance.choice(list(DAMAGES.items()))
        sound = versions.objects.read(name)
        assert sound is not None
        content = change(sound.content, chance)
        if content is None:
            versions.objects.delete(name)
        else:
            versions.write(name, content)
        served = versions.elsewhere().current().manifest["version"]
        told[f"{kind}: refused" if served == before else f"{kind}: served"] += 1
        versions.write(name, sound.content)
    return told


Change = Callable[[bytes, random.Random], bytes | None]
DAMAGES: dict[str, Change] = {
    "cut": lambda content, chance: content[: chance.randrange(len(content))],
    "one bit": lambda content, chance: _flip(content, chance.randrange(len(content))),
    "foreign": lambda content, chance: chance.randbytes(len(content)),
    "away": lambda content, chance: None,
}


def _flip(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def predict_steadily(
    server: Server, features: object, a_second: int, meanwhile: Iterable[Callable[[], object]]
) -> tuple[Counter[int], list[float]]:
    """Statuses and milliseconds of predictions that go on while other things happen."""
    clients, statuses, took = 4, Counter[int](), list[float]()

    def send(ended: threading.Event) -> None:
        due = time.monotonic()
        with Client(server) as client:
            while not ended.is_set():
                began = time.perf_counter()
                status, _ = client.post("/predict", {"features": features})
                took.append((time.perf_counter() - began) * 1000)
                statuses[status] += 1
                due += clients / a_second
                time.sleep(max(0.0, due - time.monotonic()))

    with working([send] * clients):
        for step in meanwhile:
            step()
    return statuses, took
