"""Has pictures, sounds and films decoded in a process with limits of seconds and memory.

A file of a few kilobytes can hold work for minutes and pixels for gigabytes, and decoders are C
code. What takes too much ends that process, and no other.
"""

import asyncio
import importlib.util
from collections.abc import Sequence

import msgspec
import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.observation import MOST_PIXELS, InvalidObservation
from pipeline.data.schema import Extraction, Kind
from pipeline.extractors.opened_file import Limits, OpenedFile
from pipeline.setting_tables import MediaSettings
from serving.helpers.helper_process import Ended, HelperProcess, command

COMMAND = command("serving.helpers.media_worker")
PICTURE_SECONDS = 5.0
MOST_OF_REQUEST = 4 * MOST_PIXELS


class MediaBusy(Exception):
    """Too many files wait to be decoded."""


class MediaNotInstalled(Exception):
    """What reads sounds and films is optional, and is not there."""


class Upload(msgspec.Struct):
    kind: Kind
    how: Extraction
    content: bytes
    limits: Limits


class Decoded(msgspec.Struct, tag=True):
    values: bytes  # float64
    pixels: int  # of a picture as it came
    preview: bytes


class Unfit(msgspec.Struct, tag=True):
    """What is wrong with a file."""

    reason: str


class MediaDecoder:
    """The process of each kind of file, and those who wait for it."""

    def __init__(
        self,
        wanted: MediaSettings | None = None,
        command: Sequence[str] = COMMAND,
        picture_seconds: float = PICTURE_SECONDS,
        patience: float = 0,
    ) -> None:
        self._wanted = wanted or MediaSettings()
        self._command = command
        self._picture_seconds = picture_seconds
        self._patience = patience or max(20.0, 2 * self._wanted.decode_seconds)
        self.children: dict[Kind, HelperProcess] = {}

    async def decode(
        self, kind: Kind, how: Extraction, content: bytes, most_pixels: int = MOST_PIXELS
    ) -> OpenedFile:
        """InvalidObservation for what is no such file, or one that would take too much."""
        if kind != "image" and importlib.util.find_spec("av") is None:
            raise MediaNotInstalled
        pixels = most_pixels if kind == "image" else self._wanted.pixels
        upload = Upload(kind, how, content, Limits(pixels, self._wanted.seconds))
        seconds = self._picture_seconds if kind == "image" else self._wanted.decode_seconds
        try:
            async with asyncio.timeout(self._patience):
                line = await self._child(kind).ask(msgspec.json.encode(upload), seconds)
        except TimeoutError:
            raise MediaBusy from None
        except Ended as error:
            raise InvalidObservation(kind, self._reason(kind, error, seconds)) from None
        answer = msgspec.json.decode(line, type=Decoded | Unfit)
        if isinstance(answer, Unfit):
            raise InvalidObservation(kind, answer.reason)
        return OpenedFile(_read(answer.values), answer.pixels, answer.preview)

    def _reason(self, kind: Kind, error: Ended, seconds: float) -> str:
        if not isinstance(error.__cause__, TimeoutError):
            return "takes too much memory to decode, or breaks what decodes it"
        setting = "" if kind == "image" else " (media.decode_seconds)"
        return f"takes longer than {seconds:g} seconds to decode, which is the limit{setting}"

    def _child(self, kind: Kind) -> HelperProcess:
        if kind not in self.children:
            self.children[kind] = HelperProcess((*self._command, kind))
        return self.children[kind]

    async def stop(self) -> None:
        for child in self.children.values():
            await child.stop()


def _read(values: bytes) -> Numbers:
    return np.frombuffer(values, dtype=np.float64)


class Budget:
    """How many pixels one request may still have decoded."""

    def __init__(self, media: MediaDecoder) -> None:
        self._media = media
        self._left = MOST_OF_REQUEST

    async def decode(self, kind: Kind, how: Extraction, content: bytes) -> OpenedFile:
        most = min(MOST_PIXELS, self._left)
        opened = await self._media.decode(kind, how, content, most)
        self._left -= opened.pixels
        return opened
