"""What was heard or seen of a sound or a film: a small picture beside its prediction."""

from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from pipeline.store.tables import previews


def note_previews(connection: Connection, preview_of: Mapping[str, bytes]) -> None:
    """Pictures by the ids of predictions; an empty one is none."""
    rows = [{"prediction_id": number, "png": png} for number, png in preview_of.items() if png]
    connection.execute(insert(previews), rows)


def preview_of(connection: Connection, prediction_id: str) -> bytes | None:
    query = select(previews.c.png).where(previews.c.prediction_id == prediction_id)
    found: bytes | None = connection.scalar(query)
    return found
