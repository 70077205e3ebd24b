"""Vectors as the store keeps them."""

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
