"""Rows as a Parquet file and back. Needs pyarrow, which is imported here alone and when used."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.arrays import Numbers
from pipeline.objects.object_store import ObjectStore
from pipeline.parquet_files.file_records import FEEDBACK, PREDICTIONS, HistoryFile
from pipeline.settings import InvalidSetting

PREDICTED = {
    "prediction_id": "text",
    "at": "number",
    "version": "text",
    "embedding_id": "text",
    "observation": "text",
    "vector": "numbers",
    "pca_residual": "number",
    "prediction": "text",
    "probabilities": "numbers",
    "subject": "text",
    "request_id": "text",
}
COLUMNS = {
    PREDICTIONS: PREDICTED,
    FEEDBACK: {
        **{"seq": "count", "feedback_id": "text", "answered_at": "number", "target": "text"},
        **PREDICTED,
    },
}


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise InvalidSetting(
            "store.history needs the package pyarrow; with docker compose it is built in by "
            "EXTRA_PACKAGES=pyarrow."
        ) from None
    return pyarrow


def make_table(kind: str, columns: Mapping[str, Sequence[Any]]) -> Any:
    """A table of pyarrow from values as the store keeps them."""
    arrow = _arrow()
    types = {"text": arrow.string(), "number": arrow.float64(), "count": arrow.int64()}
    made = {
        name: _lists(columns[name])
        if what == "numbers"
        else arrow.array(columns[name], types[what])
        for name, what in COLUMNS[kind].items()
    }
    return arrow.table(made)


def _lists(packed: Sequence[bytes | None]) -> Any:
    """Packed vectors as lists of numbers, which every reader of Parquet understands."""
    arrow = _arrow()
    ends = np.cumsum([0, *(len(one or b"") // 8 for one in packed)])
    numbers = np.frombuffer(b"".join(one or b"" for one in packed), dtype="<f8")
    gone = arrow.array([one is None for one in packed], arrow.bool_())
    offsets, values = arrow.array(ends, arrow.int32()), arrow.array(numbers)
    return arrow.ListArray.from_arrays(offsets, values, mask=gone)


def encode(kind: str, day: str, keys: tuple[str, str], table: Any) -> tuple[HistoryFile, bytes]:
    """The bytes of a file, and its record: the same rows have the same name."""
    buffer = io.BytesIO()
    _arrow().parquet.write_table(table, buffer, compression="zstd")
    content = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()[:16]
    begin, end = keys
    name = f"{kind}/day={day}/{begin}-{end}-{digest}.parquet"
    return HistoryFile(name, kind, day, begin, end, table.num_rows, len(content)), content


def decode(content: bytes, columns: Sequence[str] | None = None) -> Any:
    arrow = _arrow()
    file = arrow.parquet.ParquetFile(arrow.BufferReader(content))
    return file.read(columns=None if columns is None else list(columns))


def load(objects: ObjectStore, name: str, columns: Sequence[str] | None = None) -> Any | None:
    """The rows of a file; None where it is gone."""
    found = objects.read(name)
    return None if found is None else decode(found.content, columns)


def packed_lists(column: Any) -> list[bytes | None]:
    """Lists of numbers as the store keeps vectors."""
    parts: list[bytes | None] = []
    for chunk in column.chunks:
        lengths = chunk.value_lengths().to_pylist()
        content = np.asarray(chunk.flatten(), dtype="<f8").tobytes()
        start = 0
        for length in lengths:
            end = start + 8 * (length or 0)
            parts.append(None if length is None else content[start:end])
            start = end
    return parts


def stacked(column: Any) -> Numbers:
    """Lists of numbers of one length as the rows of an array."""
    numbers = np.concatenate([np.asarray(chunk.flatten()) for chunk in column.chunks])
    return numbers.astype(np.float64, copy=False).reshape(len(column), -1)


def kept_rows(table: Any, kept: Any) -> Any:
    """The rows of a table that a mask of numpy says."""
    return table.filter(_arrow().array(kept))
