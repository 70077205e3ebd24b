"""The route that says what a table holds, and what would be made of it. It records nothing."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, File, Form, Response, UploadFile

from serving.helpers.inspector import InspectionRequest
from serving.routing.dependencies import CurrentService
from serving.routing.strict_json import strict_route
from serving.schemas import samples
from serving.schemas.bodies import Inspection
from serving.schemas.examples import BODY, describe

router = APIRouter(tags=["data"], route_class=strict_route("predict"))


@router.post(
    "/inspect",
    response_model=Inspection,
    responses=describe(401, 403, *BODY, answer=samples.INSPECTION),
)
async def inspect(
    file: Annotated[UploadFile, File()],
    service: CurrentService,
    target: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """What each column of a table is taken for, what is left out, and what to look at."""
    question = InspectionRequest(file.filename or "file", await file.read(), target)
    found = await service.inspector.ask(question)
    return Response(msgspec.json.encode(found), media_type="application/json")
