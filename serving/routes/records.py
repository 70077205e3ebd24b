"""The routes about predictions on record: find them, look at one, see what was observed.

They show what others asked, so they need the key of those who label.
"""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import msgspec
import numpy as np
from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from pipeline.data.schema import Schema, columns_of
from pipeline.history.prediction_search import (
    Answered,
    FoundPrediction,
    Wanted,
    find_neighbours,
    find_prediction,
    search_predictions,
)
from pipeline.history.previews import preview_of
from pipeline.history.subjects import LONGEST
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.signed_folder import UntrustedArtifact
from pipeline.store.corrections import corrections_of
from pipeline.store.encoding import unpack
from pipeline.store.records import is_prediction_id
from serving.errors import Conflict, Invalid, NotFound
from serving.routes.history import Moment, unix
from serving.routing.dependencies import Allowed, CurrentService
from serving.schemas import samples
from serving.schemas.examples import describe
from serving.service import Service

router = APIRouter(prefix="/predictions", tags=["history"], dependencies=[Allowed("feedback")])
NEIGHBOURS = 5
Number = Annotated[str, Path(max_length=64)]
Share = Annotated[float, Query(ge=0, le=1)]


@router.get("", responses=describe(401, 403, 422, 503, answer=samples.FOUND))
async def search(
    service: CurrentService,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
    begin: Annotated[Moment | None, Query(alias="from")] = None,
    end: Annotated[Moment | None, Query(alias="to")] = None,
    label: Annotated[str | None, Query(max_length=1000)] = None,
    version: Annotated[str | None, Query(max_length=64)] = None,
    least_confidence: Share = 0.0,
    most_confidence: Share = 1.0,
    feedback: Answered = "any",
    subject: Annotated[str | None, Query(max_length=LONGEST)] = None,
) -> dict[str, Any]:
    """Predictions on record, the newest first; `next` is the cursor to go on with.

    Each request looks at 10,000 rows at most, so that one that finds little may still have a
    `next`.
    """
    if cursor is not None and not is_prediction_id(cursor):
        raise Invalid("cursor", "is not one that a search gave")
    wanted = Wanted(
        None if begin is None else unix(begin),
        None if end is None else unix(end),
        label,
        version,
        least_confidence,
        most_confidence,
        feedback,
        cursor,
        subject,
    )
    page = await service.queries.read(lambda c: search_predictions(c, wanted, limit))
    return {"predictions": [_list(one) for one in page.predictions], "next": page.next}


@router.get("/{prediction_id}", responses=describe(401, 403, 404, 422, 503, answer=samples.RECORD))
async def record(prediction_id: Number, service: CurrentService) -> dict[str, Any]:
    """All that is known of a prediction: what was observed, said and answered, and what is near."""

    def read(connection: Connection) -> tuple[Any, list[Any], list[Any]]:
        row = find_or_refuse(connection, prediction_id)
        changes = corrections_of(connection, row.feedback_id) if row.feedback_id else []
        return row, changes, find_neighbours(connection, row, NEIGHBOURS)

    row, changes, near = await service.queries.read(read)
    classes = await asyncio.to_thread(_classes, service, row.version)
    shares = unpack(row.probabilities).tolist()
    told = {"feedback_id": row.feedback_id, "target": row.target, "at": row.told_at}
    return {
        "prediction_id": row.id,
        "at": row.at,
        "subject": row.subject,
        "request_id": row.request_id or row.id,
        "model_version": row.version,
        "prediction": row.prediction,
        "confidence": max(shares),
        "probabilities": dict(zip(classes, shares, strict=True)) if classes else {},
        "residual": row.pca_residual,
        "features": _features(service.model.schema, _observation(row), row, service),
        "feedback": {**told, "corrections": changes} if row.target is not None else None,
        "nearest": [asdict(one) for one in near],
    }


@router.get(
    "/{prediction_id}/observation",
    response_class=Response,
    responses=describe(401, 403, 404, 409, 422, 503, answer="(a PNG)", kind="image/png"),
)
async def observation(prediction_id: Number, service: CurrentService) -> Response:
    """What was observed: a PNG of a picture, a sound or a film as the model took it; else JSON."""

    def read(connection: Connection) -> tuple[Any, bytes | None]:
        row = find_or_refuse(connection, prediction_id)
        return row, preview_of(connection, prediction_id)

    row, preview = await service.queries.read(read)
    if preview is not None:
        return Response(preview, media_type="image/png")
    values, schema = _observation(row), service.model.schema
    if schema.image is None:
        told = _features(schema, values, row, service)
        return Response(msgspec.json.encode(told), media_type="application/json")
    if not _is_of_schema(row, service):
        raise Conflict("It was observed with another dataset than that of the live version.")
    # Pillow is loaded by those who look at pictures
    from pipeline.extractors.pictures import encode_png

    picture = await asyncio.to_thread(encode_png, schema.image, np.array(values, dtype=np.float64))
    return Response(picture, media_type="image/png")


def find_or_refuse(connection: Connection, prediction_id: str) -> Any:
    """A prediction on record; NotFound where there is none by that id."""
    row = find_prediction(connection, prediction_id) if is_prediction_id(prediction_id) else None
    if row is None:
        raise NotFound("There is no such prediction on record.")
    return row


def _list(one: FoundPrediction) -> dict[str, Any]:
    named = {"prediction_id": one.id, "at": one.at, "model_version": one.version}
    told = {"target": one.target, "corrected": one.corrected}
    return {**named, "prediction": one.prediction, "confidence": one.confidence, **told}


def _observation(row: Any) -> list[Any]:
    found: list[Any] = msgspec.json.decode(row.observation)
    return found


def _is_of_schema(row: Any, service: Service) -> bool:
    return bool(row.embedding_id == service.model.embedding.embedding_id)


def _features(schema: Schema, values: list[Any], row: Any, service: Service) -> Any:
    """By name where the live version knows the names; pictures are shown another way."""
    if schema.image is not None:
        return None
    if not _is_of_schema(row, service):
        return values
    return {column.name: value for column, value in zip(columns_of(schema), values, strict=True)}


def _classes(service: Service, version: str) -> list[str]:
    """The labels that a version knows; nothing where it is no longer kept."""
    live = service.live.model
    if live is not None and live.version == version:
        return list(live.scorer.labels)
    try:
        if version not in service.live.artifacts.numbers():
            return []
        classes: list[str] = service.live.artifacts.open(version).manifest["classes"]
    except (UntrustedArtifact, ObjectsUnavailable):
        return []
    return classes
