"""Vectors and observations as the store keeps them."""

import hashlib
from typing import Any

import msgspec
import numpy as np

from pipeline.arrays import Numbers


def pack(vector: Numbers) -> bytes:
    """A vector as the store keeps it."""
    return vector.astype("<f8", copy=False).tobytes()


def rows_to_bytes(vectors: Numbers) -> list[bytes]:
    """The same for each row of many, in one go."""
    content, size = pack(vectors), vectors.shape[1] * 8
    return [content[start : start + size] for start in range(0, len(content), size)]


def unpack(content: bytes) -> Numbers:
    return np.frombuffer(content, dtype="<f8")


def digest_observation(content: bytes) -> bytes:
    """What two observations have in common if they are equal: 1 and 1.0 are."""
    try:
        told = repr(_plain(msgspec.json.decode(content)))
    except msgspec.MsgspecError:
        return hashlib.sha256(content).digest()
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in sorted(value.items())}
    return float(value) if isinstance(value, bool | int) else value
