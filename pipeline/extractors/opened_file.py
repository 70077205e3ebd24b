"""What is made of a file, and how much of one is taken; light, for those who let others decode."""

from dataclasses import dataclass

from pipeline.arrays import Numbers


@dataclass(frozen=True)
class Limits:
    """Of a file; what is beyond is refused with a word on the limit."""

    pixels: int  # of a picture, or of a frame of a film
    seconds: float  # of a sound or a film


@dataclass(frozen=True)
class OpenedFile:
    """The features, or of a network what it makes them of."""

    values: Numbers
    pixels: int = 0  # of a picture, as it came
    preview: bytes = b""  # a PNG of what was heard or seen, where the values do not show it
