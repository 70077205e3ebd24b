"""Writes the built-in datasets `tones`, `moves` and `reviews` at their first use; for `load.py`."""

import csv
import io
import secrets
import shutil
import wave
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline.arrays import Numbers
from pipeline.datasets.made_films import FRAMES_PER_S, make_moves
from pipeline.datasets.made_sounds import TONE_RATE, make_tones
from pipeline.datasets.made_texts import HEADER, make_reviews
from pipeline.durable_files import write_if_absent
from pipeline.progress import Progress, no_progress

MADE_FOLDERS, REVIEWS = ("tones", "moves"), "reviews"
COUNTS = {"tones": 320, "moves": 400, REVIEWS: 2000}
COLOURS = 64  # of a film's palette


def made_folder(name: str, data_folder: Path, progress: Progress = no_progress) -> Path:
    """The folder of `tones` or `moves` with a folder for each label; made if it is not there.

    It appears whole, under its name, once everything is written.
    """
    folder = data_folder / name
    if folder.is_dir():
        return folder
    aside = data_folder / f".{name}.{secrets.token_hex(4)}"
    try:
        for done, (path, content) in enumerate(_files(name, COUNTS[name]), start=1):
            (aside / path).parent.mkdir(parents=True, exist_ok=True)
            (aside / path).write_bytes(content)
            progress(f"making {name}", done / COUNTS[name])
        _put_in_place(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def _put_in_place(aside: Path, folder: Path) -> None:
    try:
        aside.rename(folder)
    except OSError:
        if not folder.is_dir():  # otherwise another process was faster, with the same files
            raise


def made_table(data_folder: Path) -> Path:
    """The CSV of `reviews`; made if it is not there."""
    path = data_folder / f"{REVIEWS}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_if_absent(path, _encode_table(make_reviews(COUNTS[REVIEWS])), mode=0o644)
    return path


def _files(name: str, count: int, seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """Places in the folder, and what is to be written there."""
    made: Iterable[tuple[str, Any]] = (make_tones if name == "tones" else make_moves)(count, seed)
    encode, ending = (encode_wav, "wav") if name == "tones" else (encode_gif, "gif")
    numbers: Counter[str] = Counter()
    for label, observation in made:
        numbers[label] += 1
        yield f"{label}/{numbers[label]:03}.{ending}", encode(observation)


def encode_wav(samples: Numbers, rate: int = TONE_RATE) -> bytes:
    """Mono, 16 bits."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.rint(samples * 32767.0).clip(-32768, 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def encode_gif(frames: np.ndarray, frames_per_s: int = FRAMES_PER_S) -> bytes:
    """All frames share a palette, so that no colour jumps from one to the next."""
    count, height, width = frames.shape[:3]
    strip = Image.fromarray(frames.reshape(count * height, width, 3))
    flat = strip.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    images = [flat.crop((0, top, width, top + height)) for top in range(0, count * height, height)]
    buffer = io.BytesIO()
    images[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=images[1:],
        duration=1000 // frames_per_s,
        loop=0,
        optimize=False,
    )
    return buffer.getvalue()


def _encode_table(rows: Iterable[tuple[str, ...]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return buffer.getvalue().encode()
