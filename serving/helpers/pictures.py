"""Has pictures decoded in a process of its own, within limits of seconds and memory.

A file of a few kilobytes can hold work for minutes and pixels for gigabytes. What takes too much
ends that process, and no other.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from pipeline.data.observation import MOST_PIXELS, InvalidObservation
from pipeline.data.schema import ImageShape
from serving.helpers.helper_process import Ended, HelperProcess, command

COMMAND = command("serving.helpers.picture_worker")
DECODE_SECONDS = 5.0
MOST_OF_REQUEST = 4 * MOST_PIXELS


class PicturesBusy(Exception):
    """Too many pictures wait to be decoded."""


class Picture(msgspec.Struct):
    shape: ImageShape
    content: bytes
    most_pixels: int


class Decoded(msgspec.Struct, tag=True):
    row: list[float]
    pixels: int  # of the picture as it came


class Unfit(msgspec.Struct, tag=True):
    """What is wrong with a picture."""

    reason: str


class PictureDecoder:
    """The process, and those who wait for it."""

    def __init__(
        self,
        command: Sequence[str] = COMMAND,
        seconds: float = DECODE_SECONDS,
        patience: float = 20,
    ) -> None:
        self.child = HelperProcess(command)
        self._seconds = seconds
        self._patience = patience

    async def decode(
        self, shape: ImageShape, content: bytes, most_pixels: int = MOST_PIXELS
    ) -> Decoded:
        """InvalidObservation for what is no picture, or one that would take too much."""
        question = msgspec.json.encode(Picture(shape, content, most_pixels))
        try:
            async with asyncio.timeout(self._patience):
                line = await self.child.ask(question, self._seconds)
        except TimeoutError:
            raise PicturesBusy from None
        except Ended:
            raise InvalidObservation(
                "image", "takes too long or too much memory to decode"
            ) from None
        answer = msgspec.json.decode(line, type=Decoded | Unfit)
        if isinstance(answer, Unfit):
            raise InvalidObservation("image", answer.reason)
        return answer

    async def stop(self) -> None:
        await self.child.stop()


class Budget:
    """How many pixels one request may still have decoded."""

    def __init__(self, pictures: PictureDecoder) -> None:
        self._pictures = pictures
        self._left = MOST_OF_REQUEST

    async def decode(self, shape: ImageShape, content: bytes) -> list[float]:
        most = min(MOST_PIXELS, self._left)
        decoded = await self._pictures.decode(shape, content, most)
        self._left -= decoded.pixels
        return decoded.row
