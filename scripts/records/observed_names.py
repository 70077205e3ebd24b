"""What the values of an observation are called. Used by history and erase."""

import argparse

import msgspec

from pipeline.data.schema import Schema, columns_of
from pipeline.parquet_history.reading import Names
from pipeline.registry.registry import open_registry
from pipeline.settings import Settings


def observed_names(settings: Settings) -> Names:
    """By the live version; rows of another dataset have no names here."""
    artifacts = open_registry(settings.artifacts)
    for version in artifacts.live_history()[:1]:
        manifest = artifacts.open(version).manifest
        columns = columns_of(msgspec.convert(manifest["schema"], Schema))
        return {str(manifest["embedding_id"]): [column.name for column in columns]}
    return {}


def feature_and_value(text: str) -> tuple[str, str]:
    """An argument such as customer=17."""
    feature, equals, value = text.partition("=")
    if not feature or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not feature=value")
    return feature, value
