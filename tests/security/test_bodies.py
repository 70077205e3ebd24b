"""Bodies that are large in number: names, rows, alerts, labels."""

import json
from pathlib import Path

import pytest

MEGABYTE = 1024**2


def memory(server):
    """Of the process in bytes, the highest so far."""
    status = Path(f"/proc/{server.pid}/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


def names(count):
    return {f"{place:x}": 1 for place in range(count)}


BODIES = [
    ("/predict", lambda: names(900_000)),
    ("/predict", lambda: {"features": names(900_000)}),
    ("/predict/batch", lambda: {"rows": [1] * 4_000_000}),
    ("/predict/batch", lambda: {"rows": [names(900_000)]}),
    ("/feedback", lambda: {"target": "0", **names(900_000)}),
    ("/alerts", lambda: {"groupKey": "g", "alerts": [1] * 4_000_000}),
    (
        "/alerts",
        lambda: {"groupKey": "g", "alerts": [{"status": "firing", "labels": names(900_000)}]},
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("path", "make_body"), BODIES)
def test_many_of_anything_are_refused_at_once(cancer_server, path, make_body):
    """One such object cost 14 seconds and 1.3 GB."""
    key = cancer_server.installation.key("admin")
    content = json.dumps(make_body(), separators=(",", ":")).encode()
    assert len(content) < 10_000_000
    cancer_server.client.get("/livez")
    before = memory(cancer_server)
    answer = cancer_server.client.post(
        path,
        content=content,
        headers={"content-type": "application/json", "authorization": f"Bearer {key}"},
    )
    assert answer.status_code in (202, 422)
    assert len(answer.content) < 2_000
    assert memory(cancer_server) - before < 250 * MEGABYTE
