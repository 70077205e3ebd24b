"""The routes about versions: what is live, what there is, going back and forth."""

import asyncio
import contextlib
import logging
from dataclasses import asdict, replace
from typing import Any

from fastapi import APIRouter, Request, Response

from pipeline.data.schema import Kind, columns_of
from pipeline.explain.importance import FILE as IMPORTANCE
from pipeline.explain.importance import PICTURE, compare, read_importance
from pipeline.extractors.file_types import ENDINGS
from pipeline.objects.object_store import ObjectsUnavailable
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import SignedFolder, UntrustedArtifact
from pipeline.settings import Settings
from pipeline.store.decision_log import record_manual_activation
from pipeline.store.records import StoreUnavailable
from pipeline.store.tracked_runs import read_run_pages
from serving.errors import NotFound
from serving.keys import key_of
from serving.routing.dependencies import Allowed, CurrentService
from serving.schemas import samples
from serving.schemas.bodies import VersionImportance
from serving.schemas.examples import describe
from serving.service import Service

log = logging.getLogger(__name__)
router = APIRouter(tags=["models"])
LEFT_OUT = ("signature", "files", "schema")


@router.get(
    "/schema",
    dependencies=[Allowed("predict")],
    responses=describe(401, 403, 503, answer=samples.SCHEMA),
)
async def schema(service: CurrentService) -> Any:
    """What an observation looks like: all that a form needs."""
    found = service.model.schema
    shown = asdict(replace(found, features=columns_of(found)))
    return {**shown, "files": _describe_files(found.kind, service.settings)}


def _describe_files(kind: Kind, settings: Settings) -> dict[str, Any] | None:
    """What may be uploaded in the place of features."""
    if kind not in ENDINGS:
        return None
    described: dict[str, Any] = {"kind": kind, "endings": sorted(ENDINGS[kind])}
    described["most_bytes"] = settings.serving.most_bytes
    return described if kind == "image" else {**described, "most_seconds": settings.media.seconds}


@router.get(
    "/model",
    dependencies=[Allowed("predict")],
    responses=describe(401, 403, 503, answer=samples.MODEL),
)
async def live_model(service: CurrentService) -> dict[str, Any]:
    """The manifest of the live version."""
    return _shown(service.model.manifest)


@router.get(
    "/models",
    dependencies=[Allowed("predict")],
    responses=describe(401, 403, answer=samples.MODELS),
)
async def all_models(service: CurrentService) -> dict[str, Any]:
    """All versions that are kept, newest first; one that is damaged says why it is refused.

    `run_url` is the page of the run in MLflow that made a version, where trainings are tracked.
    """
    pages: dict[str, str] = {}
    with contextlib.suppress(StoreUnavailable):
        pages = await service.queries.read(read_run_pages)
    return {"models": await asyncio.to_thread(_describe_all, service, pages)}


@router.get(
    "/models/{version}/importance",
    dependencies=[Allowed("predict")],
    response_model=VersionImportance,
    responses=describe(401, 403, 404, 409, 422, 503, answer=samples.IMPORTANCE),
)
async def importance(version: str, service: CurrentService) -> dict[str, Any]:
    """How much a version needs each original feature, and how that changed since its parent.

    `mean` is the balanced accuracy that is lost on rows of the holdout when the feature's values
    are shuffled, `std` its spread over the repeats. `change` is null where there is no parent.
    """
    return await asyncio.to_thread(_describe_importance, service.live.artifacts, version)


@router.get(
    "/models/{version}/importance.png",
    dependencies=[Allowed("predict")],
    response_class=Response,
    responses=describe(401, 403, 404, 409, 422, 503, answer="(a PNG)", kind="image/png"),
)
async def importance_picture(version: str, service: CurrentService) -> Response:
    """The importance of each pixel as a picture, the most important the lightest."""
    sealed = await asyncio.to_thread(_open, service.live.artifacts, version)
    return Response(_read(sealed, PICTURE), media_type="image/png")


@router.post(
    "/models/{version}/activate",
    dependencies=[Allowed("admin")],
    responses=describe(401, 403, 404, 409, 422, 503, answer={"live": "0003"}),
)
async def activate(version: str, service: CurrentService, request: Request) -> dict[str, Any]:
    """Put a version live: a rollback, or forward again. Every worker follows within a second."""
    before = await asyncio.to_thread(_activate, service.live.artifacts, version)
    await asyncio.to_thread(service.live.reload_if_changed)
    actor = service.keys.name_of(key_of(request.headers))
    await _write_down(service, version, before, actor)
    return {"live": version}


def _activate(artifacts: ModelRegistry, version: str) -> list[str]:
    """What was live before."""
    if version not in artifacts.numbers():
        raise NotFound("There is no such version.")
    before = artifacts.live_history()
    artifacts.activate(version)
    return before


async def _write_down(service: Service, version: str, before: list[str], actor: str) -> None:
    """Note the decision. Taking it must not hang on the store: going back is an emergency."""
    try:
        await service.queries.write(lambda c: record_manual_activation(c, version, before, actor))
    except StoreUnavailable:
        log.error("Version %s was put live by hand; the store is away and does not know", version)


def _describe_all(service: CurrentService, pages: dict[str, str]) -> list[dict[str, Any]]:
    artifacts, live = service.live.artifacts, service.live.model
    described = []
    for number in reversed(artifacts.numbers()):
        facts: dict[str, Any] = {
            "version": number,
            "live": live is not None and live.version == number,
            "run_url": pages.get(number),
        }
        try:
            facts |= _shown(artifacts.open(number).manifest)
        except (UntrustedArtifact, ObjectsUnavailable) as refusal:
            facts["refused"] = str(refusal)
        described.append(facts)
    return described


def _open(artifacts: ModelRegistry, version: str) -> SignedFolder:
    if version not in artifacts.numbers():
        raise NotFound("There is no such version.")
    return artifacts.open(version)


def _read(sealed: SignedFolder, name: str) -> bytes:
    if name not in sealed:
        raise NotFound(f"Version {sealed.manifest['version']} carries no {name}.")
    return sealed.read(name)


def _describe_importance(artifacts: ModelRegistry, version: str) -> dict[str, Any]:
    sealed = _open(artifacts, version)
    own = read_importance(_read(sealed, IMPORTANCE))
    parent, change = sealed.manifest["parent"], None
    with contextlib.suppress(
        UntrustedArtifact, ObjectsUnavailable, NotFound
    ):  # it is pruned, damaged, away, or older than all this
        if parent is not None:
            change = compare(read_importance(_read(artifacts.open(parent), IMPORTANCE)), own)
    return {"version": version, "parent": parent, **asdict(own), "change": change}


def _shown(manifest: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in manifest.items() if name not in LEFT_OUT}
