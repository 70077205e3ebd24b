"""What `make pin` changes, and what not. tests/stack/test_pin_images.py asks a registry."""

import pytest

from scripts.supply_chain.pin_images import FILES, NAMED, pin
from tests.support.processes.servers import ROOT

OLD, NEW = f"sha256:{'0' * 64}", f"sha256:{'1' * 64}"


@pytest.mark.parametrize(
    ("line", "pinned"),
    [
        ("FROM python:3.13-slim AS packages", f"FROM python:3.13-slim@{NEW} AS packages"),
        ("FROM python:3.13-slim", f"FROM python:3.13-slim@{NEW}"),
        (f"FROM python:3.13-slim@{OLD}", f"FROM python:3.13-slim@{NEW}"),
        (
            "    image: ghcr.io/google/cadvisor:v0.60.5",
            f"    image: ghcr.io/google/cadvisor:v0.60.5@{NEW}",
        ),
        ("    image: boucle-serving", "    image: boucle-serving"),
        ("COPY --from=packages /venv /venv", "COPY --from=packages /venv /venv"),
    ],
)
def test_images_of_others_are_pinned_and_ours_not(line, pinned):
    assert pin(f"{line}\n", {line.split()[1].partition("@")[0]: NEW}.__getitem__) == f"{pinned}\n"


def test_it_finds_every_image_of_others():
    texts = [path.read_text() for pattern in FILES for path in ROOT.glob(pattern)]
    found = {one["tag"].partition(":")[0] for text in texts for one in NAMED.finditer(text)}
    assert found == {
        *("python", "postgres", "prom/prometheus", "prom/alertmanager", "prom/node-exporter"),
        *("ghcr.io/google/cadvisor", "grafana/grafana", "fluent/fluent-bit"),
        *("docker.elastic.co/elasticsearch/elasticsearch", "docker.elastic.co/kibana/kibana"),
    }
