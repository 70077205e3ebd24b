"""The routes that predict."""

import asyncio
import contextlib
import itertools
from collections.abc import Sequence
from typing import Annotated

import msgspec
from fastapi import APIRouter, File, Request, Response, UploadFile

from pipeline.data.observation import InvalidObservation
from pipeline.history.previews import note_previews
from pipeline.history.subjects import note_subjects
from pipeline.store.records import StoreUnavailable
from serving.errors import Invalid
from serving.helpers.media import Budget
from serving.recording.queries import MayBeRecorded
from serving.routing.dependencies import CurrentService
from serving.routing.strict_json import strict_route
from serving.schemas import samples
from serving.schemas.bodies import Observation, Prediction, Predictions, Rows
from serving.schemas.examples import BODY, describe
from serving.scoring.live_model import LiveModel
from serving.scoring.observations import ParsedObservation, read_file, read_observation, read_rows
from serving.scoring.uploaded_csv import read_csv
from serving.service import Service

router = APIRouter(tags=["predict"], route_class=strict_route("predict"))
PREDICTION_ID = slice(18, 50)  # in {"prediction_id":"...
Subjects = Sequence[str | None]
PNG, JPEG = b"\x89PNG", b"\xff\xd8\xff"


@router.post(
    "/predict",
    response_model=Prediction,
    responses=describe(401, 403, *BODY, answer=samples.PREDICTION),
)
async def predict(body: Observation, service: CurrentService, request: Request) -> Response:
    """Predict one observation: features by name in any order or as a list, or a file.

    A file is an image, or a sound as `audio`, or a film as `video`, by what the model takes.
    """
    model = service.model
    given = (body.features, body.file, Budget(service.media))
    read = await read_observation(model, *given)
    subjects = [body.subject]
    _check_store(service, subjects)
    answer = await service.predictor.predict(model, read.row, read.observation)
    await _note(service, request, [answer], subjects, [read])
    return Response(add_understood(answer, read), media_type="application/json")


@router.post(
    "/predict/batch",
    response_model=Predictions,
    responses=describe(401, 403, *BODY, answer=samples.PREDICTIONS),
)
async def predict_batch(body: Rows, service: CurrentService, request: Request) -> Response:
    """Predict up to 1,000 observations; the answers come in the same order."""
    model = service.model
    read = await read_rows(model, body.rows, Budget(service.media))
    return await _predict_all(service, request, model, read, body.subjects)


@router.post(
    "/predict/file",
    response_model=Predictions,
    responses=describe(401, 403, *BODY, answer=samples.PREDICTIONS),
)
async def predict_file(
    file: Annotated[UploadFile, File()], service: CurrentService, request: Request
) -> Response:
    """Predict an uploaded picture, sound or film, or a CSV file of up to 10,000 rows."""
    content = await file.read()
    model = service.model
    schema = model.schema
    if content.startswith((PNG, JPEG)) or (schema.kind != "tabular" and _is_no_table(file)):
        kind = schema.kind if schema.kind != "tabular" else "image"
        one = await read_file(model, kind, content, Budget(service.media))
        return await _predict_all(service, request, model, [one])
    read = await asyncio.to_thread(read_csv, schema, content)  # it may take half a second
    return await _predict_all(service, request, model, read)


def _is_no_table(file: UploadFile) -> bool:
    return not (file.filename or "").lower().endswith(".csv")


def add_understood(answer: bytes, read: ParsedObservation) -> bytes:
    """The answer with what was made of the values that came as text."""
    if not read.understood:
        return answer
    return answer[:-1] + b',"understood":' + msgspec.json.encode(read.understood) + b"}"


async def _predict_all(
    service: Service,
    request: Request,
    model: LiveModel,
    read: list[ParsedObservation],
    subjects: Subjects | None = None,
) -> Response:
    """By the model whose schema read them: meanwhile another may have gone live."""
    rows, observations = [one.row for one in read], [one.observation for one in read]
    _check_store(service, subjects or ())
    try:
        answers = await service.predictor.predict_many(model, rows, observations)
    except InvalidObservation as error:
        raise Invalid("rows", error.reason) from None
    await _note(service, request, answers, subjects or (), read)
    told = itertools.starmap(add_understood, zip(answers, read, strict=True))
    content = b'{"predictions":[' + b",".join(told) + b"]}"
    return Response(content, media_type="application/json")


def _check_store(service: Service, subjects: Subjects) -> None:
    if any(subjects) and not service.writer.store_available:
        raise StoreUnavailable("What is kept for later cannot be kept with its subject.")


async def _note(
    service: Service,
    request: Request,
    answers: Sequence[bytes],
    subjects: Subjects,
    read: Sequence[ParsedObservation],
) -> None:
    """Write down which request they came with, what they are about, and what was heard or seen."""
    numbers = [answer[PREDICTION_ID].decode() for answer in answers]
    for number in numbers:
        service.request_ids.add(number, request.scope["state"]["request_id"])
    pairs = zip(numbers, subjects, strict=False)
    told = {number: subject for number, subject in pairs if subject is not None}
    if told:
        await service.queries.write(lambda c: note_subjects(c, told))
    previews = {number: one.preview for number, one in zip(numbers, read, strict=True)}
    if any(previews.values()):
        # the prediction stands without its picture
        with contextlib.suppress(StoreUnavailable, MayBeRecorded):
            await service.queries.write(lambda c: note_previews(c, previews))
