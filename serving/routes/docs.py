"""The description of the API: OpenAPI, and a page to try it. Behind a key where keys are needed.

Swagger UI comes from a package, so that the page needs no other host.
"""

from functools import cache
from importlib.resources import files

import msgspec
from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, Response

from serving.errors import NotFound
from serving.routing.dependencies import Allowed

router = APIRouter(include_in_schema=False, dependencies=[Allowed("predict")])
PARTS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
NO_ICON = "data:,"
A_DAY = {"cache-control": "max-age=86400"}


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Written out once: it is always the same, and large."""
    api = request.app
    if not hasattr(api.state, "description"):
        api.state.description = msgspec.json.encode(api.openapi())
    return Response(api.state.description, media_type="application/json")


@router.get("/docs")
async def docs() -> HTMLResponse:
    script, style = (f"docs/{name}" for name in PARTS)
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Boucle",
        swagger_js_url=script,
        swagger_css_url=style,
        swagger_favicon_url=NO_ICON,
    )


@router.get("/docs/{name}")
async def part(name: str) -> Response:
    if name not in PARTS:
        raise NotFound("There is nothing at this path.")
    return Response(_read(name), media_type=PARTS[name], headers=A_DAY)


@cache
def _read(name: str) -> bytes:
    return files("fastapi_swagger").joinpath("resources", name).read_bytes()
