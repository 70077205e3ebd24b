"""A network of the user's own, an ONNX file, that makes the features of a picture, sound or text.

What it takes and gives is read off the file: a picture as batch, channels, height, width (or
channels last), a sound as samples in one row, a text as a string. It runs where the models run;
what it is shown has been decoded before.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.arrays import Numbers
from pipeline.data.observation import InvalidObservation
from pipeline.data.schema import Extraction, ImageShape, Kind
from pipeline.settings import InvalidSetting

FILE = "extractor.onnx"  # in a sealed folder
MOST_FEATURES = 5_000
FLOATS, TEXTS = "tensor(float)", "tensor(string)"


@dataclass(frozen=True)
class Network:
    """A loaded file; its first output, flattened, are the features."""

    content: bytes = field(repr=False)
    session: Any = field(repr=False)
    shape: tuple[int | None, ...]  # of its input without the batch; None: any
    reads_text: bool = False

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def channels_last(self) -> bool:
        return len(self.shape) == 3 and self.shape[2] in (1, 3) and self.shape[0] not in (1, 3)

    def extraction(self, kind: Kind, mean: Sequence[float], std: Sequence[float]) -> Extraction:
        """What a file of this kind is brought to before the network sees it."""
        if self.reads_text:
            raise InvalidSetting("dataset.extractor: the network takes text; these are files.")
        if kind == "audio":
            if len(self.shape) not in (1, 2):
                raise self._unfit("samples of a sound, as (batch, samples)")
            return Extraction("network", network=self.digest, samples=self.shape[-1] or 0)
        if kind != "image" or len(self.shape) != 3:
            raise self._unfit("a picture, as (batch, channels, height, width)")
        places = (2, 0, 1) if self.channels_last else (0, 1, 2)
        channels, height, width = (self.shape[place] for place in places)
        if channels not in (1, 3) or height is None or width is None:
            raise self._unfit("a picture of a fixed size with one or three channels")
        if not len(mean) == len(std) or len(mean) not in (0, channels) or 0 in std:
            raise InvalidSetting(
                f"dataset.extractor_mean and extractor_std hold {len(mean)} and {len(std)} "
                f"numbers; the network takes {channels} channels."
            )
        picture = ImageShape(width, height, channels == 3)
        return Extraction("network", picture, self.digest, mean=tuple(mean), std=tuple(std))

    def _unfit(self, expected: str) -> InvalidSetting:
        return InvalidSetting(
            f"dataset.extractor: the network takes {('batch', *self.shape)}; expected {expected}."
        )

    def describe(self, how: Extraction, values: Numbers) -> Numbers:
        """The features of what was opened; InvalidObservation if they are no numbers."""
        return self._run(self._arrange(how, values))

    def read_text(self, text: str) -> list[float]:
        """The features of a text."""
        row: list[float] = self._run(
            np.array([text], dtype=object).reshape([1] * (len(self.shape) + 1))
        ).tolist()
        return row

    def _run(self, shown: Any) -> Numbers:
        name = self.session.get_inputs()[0].name
        found = np.asarray(self.session.run(None, {name: shown})[0], dtype=np.float64).ravel()
        if not np.isfinite(found).all():
            raise InvalidObservation("file", "makes the network answer with what is no number")
        if len(found) > MOST_FEATURES:
            raise InvalidSetting(
                f"dataset.extractor: the network answers with {len(found):,} numbers; at most "
                f"{MOST_FEATURES:,} can be features. Leave out its last layers, or pool them."
            )
        return found

    def _arrange(self, how: Extraction, values: Numbers) -> Any:
        if how.picture is None:
            return values.astype(np.float32).reshape(1, *[1] * (len(self.shape) - 1), -1)
        pixels = values.reshape(how.picture.height, how.picture.width, -1) / how.picture.maximum
        if how.mean:
            pixels = (pixels - how.mean) / how.std
        shown = pixels if self.channels_last else pixels.transpose(2, 0, 1)
        return np.ascontiguousarray(shown[None], dtype=np.float32)


def network_features(count: int) -> tuple[str, ...]:
    """What its numbers are called."""
    return tuple(f"network_{place}" for place in range(count))


def open_network(path: Path) -> Network:
    try:
        return load_network(path.read_bytes())
    except OSError as error:
        raise InvalidSetting(f"dataset.extractor: {path}: {error.strerror}.") from None
    except ValueError as error:
        raise InvalidSetting(f"dataset.extractor: {path} {error}.") from None


def load_network(content: bytes) -> Network:
    """ValueError says why it cannot be used."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # each kind of its own, none of them public
        raise ValueError(f"is no network that can be run: {str(error)[:200]}") from None
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type not in (FLOATS, TEXTS):
        raise ValueError("takes something else than one tensor of floats, or of strings")
    shape = tuple(size if isinstance(size, int) else None for size in inputs[0].shape[1:])
    return Network(content, session, shape, inputs[0].type == TEXTS)
