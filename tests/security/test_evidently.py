"""The Evidently UI: its own routes, walked one by one, and what a hostile page may do: nothing."""

import asyncio
import warnings
from importlib.metadata import version

import httpx
import pytest

from pipeline.hosts import Hosts
from reporting.guard import Guard, may
from reporting.subprocesses import ALONE

PINNED = "0.7.23"  # another version has other routes: walk them again, then change this
PROJECT = "019a0000-0000-7000-8000-000000000001"
CHARTS = f"/api/v2/snapshots/{PROJECT}/data_series_batch"
TEMPLATE = "/api/llm_judges/prompt_template"

# Every way through which something is made, changed, run or deleted, as Evidently names it.
CLOSED = {
    ("POST", "/api/projects"),
    ("POST", "/api/projects/{project_id:uuid}/info"),
    ("DELETE", "/api/projects/{project_id:uuid}"),
    ("DELETE", "/api/projects/{project_id:uuid}/{snapshot_id:uuid}"),
    ("POST", "/api/v2/projects"),
    ("DELETE", "/api/v2/projects/{project_id:uuid}"),
    ("PATCH", "/api/v2/projects/{project_id:uuid}"),
    ("POST", "/api/v2/snapshots/{project_id:uuid}"),
    ("POST", "/api/v2/dashboards/{project_id:uuid}"),
}
CLOSED_BELOW = ("/api/artifacts", "/api/prompts", "/api/llm_judges", "/api/datasets")
CLOSED_BELOW += ("/api/v1/traces", "/schema")
OPEN = {
    ("POST", "/api/v2/snapshots/{project_id:uuid}/data_series_batch"),
    *(
        ("GET", path)
        for path in (
            *("/", "/{file_path:path}", "/projects/{path:path}", "/api/version"),
            *("/api/projects", "/api/projects/search/{project_name:str}"),
            *("/api/projects/{project_id:uuid}/reports", "/api/projects/{project_id:uuid}/info"),
            "/api/projects/{project_id:uuid}/{snapshot_id:uuid}/graphs_data/{graph_id:str}",
            "/api/projects/{project_id:uuid}/{snapshot_id:uuid}/data",
            "/api/projects/{project_id:uuid}/{snapshot_id:uuid}/download",
            "/api/projects/{project_id:uuid}/{snapshot_id:uuid}/metadata",
            "/api/projects/{project_id:uuid}/snapshots",
            "/api/projects/{project_id:uuid}/reload",
            *("/api/v2/projects", "/api/v2/projects/models/additional"),
            *(f"/api/v2/snapshots/{{project_id:uuid}}/{n}" for n in ("metrics", "labels")),
            "/api/v2/snapshots/{project_id:uuid}/label_values",
            "/api/v2/dashboards/{project_id:uuid}",
        )
    ),
    ("HEAD", "/{file_path:path}"),
}


@pytest.fixture(scope="module")
def evidently(tmp_path_factory):
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        for name, value in ALONE.items():
            patch.setenv(name, value)
        from evidently.ui.service.app import create_app, get_config

        folder = str(tmp_path_factory.mktemp("workspace"))
        return create_app(get_config("127.0.0.1", 8082, folder, "secret"))


def concrete(path):
    for kind, value in (("uuid", PROJECT), ("str", "x"), ("path", "x/y.js")):
        while f":{kind}}}" in path:
            start = path.rindex("{", 0, path.index(f":{kind}}}"))
            path = path[:start] + value + path[path.index("}", start) + 1 :]
    return path


def test_every_route_of_evidently_is_decided(evidently):
    assert version("evidently") == PINNED
    for route in evidently.routes:
        for method in set(route.methods) - {"OPTIONS"}:
            asked = (method, route.path)
            closed = asked in CLOSED or route.path.startswith(CLOSED_BELOW)
            assert closed != (asked in OPEN), f"{asked} is not decided"
            assert may(method, concrete(route.path)) is not closed, asked
        assert not may("OPTIONS", concrete(route.path))


def ask(evidently, method, path, **headers):
    """As a browser would, through the guard, in the same process."""

    async def go():
        transport = httpx.ASGITransport(Guard(evidently, Hosts(["boucle.example.org"])))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8082") as c:
            content = headers.pop("content", None)
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await c.request(method, path, headers=named, content=content)

    return asyncio.run(go())


def test_a_form_of_any_page_runs_no_template(evidently):
    """It led to a pickle that ran."""
    body = b'{"template": "{% parse_raw %}"}'
    answer = ask(evidently, "POST", TEMPLATE, content_type="text/plain", content=body)
    assert answer.status_code == 403
    answer = ask(evidently, "POST", TEMPLATE, content_type="application/json", content=body)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "http://evil.example"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"host": "evil.example:8082"}, 421),
        ({"content_type": "text/plain"}, 415),
    ],
)
def test_the_charts_are_for_our_pages_alone(evidently, headers, status):
    given = {"content_type": "application/json", "content": b"{}", **headers}
    assert ask(evidently, "POST", CHARTS, **given).status_code == status


def test_our_pages_get_their_charts(evidently):
    origin = "http://127.0.0.1:8082"
    given = {"content_type": "application/json", "origin": origin, "content": b"{}"}
    answer = ask(evidently, "POST", CHARTS, **given)
    assert answer.status_code not in (403, 405, 415, 421)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # a runner of its own
def test_a_name_that_points_here_reads_nothing(evidently):
    assert ask(evidently, "GET", "/api/projects", host="evil.example:8082").status_code == 421
    assert ask(evidently, "GET", "/api/projects", host="boucle.example.org").status_code == 200


def test_nobody_else_may_frame_the_pages(evidently):
    headers = ask(evidently, "GET", "/").headers
    assert headers["content-security-policy"] == "frame-ancestors 'self'"
    assert headers["x-content-type-options"] == "nosniff"
