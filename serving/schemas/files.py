"""The files that a body may carry as base64, in the place of features."""

from pydantic import BaseModel

from pipeline.data.schema import FILE_KINDS, Kind


class WithFile(BaseModel):
    image: str | None = None
    audio: str | None = None
    video: str | None = None

    @property
    def files(self) -> list[tuple[Kind, str]]:
        """What was given: of which kind, and its bytes as base64."""
        given = ((kind, getattr(self, kind)) for kind in FILE_KINDS)
        return [(kind, text) for kind, text in given if text is not None]

    @property
    def file(self) -> tuple[Kind, str] | None:
        return next(iter(self.files), None)
