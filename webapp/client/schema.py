"""The schema of an observation, from which the page makes its form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Value = float | bool | str | None


@dataclass(frozen=True)
class Feature:
    name: str
    type: Literal["number", "integer", "boolean", "category", "date", "text"]
    minimum: float | None
    maximum: float | None
    categories: tuple[str, ...]
    example: Value
    decimal: str = "."  # the decimal mark in the dataset
    order: str = ""  # of day, month and year in its dates


@dataclass(frozen=True)
class Schema:
    """`embedding_id` tells datasets apart. For pictures, sounds and films `features` is empty."""

    kind: Literal["image", "audio", "video", "tabular"]
    target: str
    labels: tuple[str, ...]
    features: tuple[Feature, ...]
    embedding_id: str
    size: tuple[int, int] | None = None  # width and height of the pictures
    endings: tuple[str, ...] = ()  # of the files that may be uploaded
    most_seconds: float | None = None  # of a sound or a film


def read_schema(body: Mapping[str, Any], embedding_id: str) -> Schema:
    files = body["files"] or {}
    features = body["features"] if body["kind"] == "tabular" else ()
    return Schema(
        kind=body["kind"],
        target=body["target"],
        labels=tuple(body["labels"]),
        features=tuple(_read_feature(feature) for feature in features),
        embedding_id=embedding_id,
        size=(body["image"]["width"], body["image"]["height"]) if body["image"] else None,
        endings=tuple(files.get("endings", ())),
        most_seconds=files.get("most_seconds"),
    )


def _read_feature(body: Mapping[str, Any]) -> Feature:
    reading = body.get("reading") or {}
    return Feature(
        name=body["name"],
        type=body["type"],
        minimum=body["minimum"],
        maximum=body["maximum"],
        categories=tuple(body["categories"]),
        example=body["example"],
        decimal=reading.get("decimal", "."),
        order=reading.get("order", ""),
    )
