"""The description of the API: OpenAPI, and a page to try it. Behind a key where keys are needed."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse

from serving.access import Allowed

router = APIRouter(include_in_schema=False, dependencies=[Allowed("predict")])


@router.get("/openapi.json")
async def openapi(request: Request) -> Any:
    return request.app.openapi()


@router.get("/docs")
async def docs() -> HTMLResponse:
    return get_swagger_ui_html(openapi_url="openapi.json", title="Boucle")
