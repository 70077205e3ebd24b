"""From the bytes of a picture to a row of pixels, with care for what strangers upload."""

import contextlib
import io
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.arrays import Numbers
from pipeline.data.observation import MOST_PIXELS, InvalidObservation
from pipeline.data.schema import ImageShape

UNREADABLE = "is no picture that can be read (PNG, JPEG, WebP, GIF, BMP or TIFF)"
MOST_SCANS = 100  # of a progressive JPEG: each goes over all pixels; encoders make ten or so
SCAN = b"\xff\xda"
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


def decode_image(shape: ImageShape, content: bytes) -> Numbers:
    """Bring a picture, of several the first, to the dataset's size: one row, pixel after pixel."""
    with _open(content, MOST_PIXELS) as image:
        small = _resize(_flatten(image), shape)
    return np.asarray(small, dtype=np.float64).ravel() * (shape.maximum / 255.0)


def measure_image(content: bytes, most_pixels: int) -> int:
    """How many pixels it has; InvalidObservation if these are too many."""
    with _open(content, most_pixels) as image:
        return image.width * image.height


def is_animated(path: Path) -> bool:
    """Whether a file holds several pictures, one after the other."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            return bool(getattr(image, "is_animated", False))
    except (OSError, ValueError, SyntaxError, EOFError):
        return False


@contextlib.contextmanager
def _open(content: bytes, most_pixels: int) -> Iterator[Image.Image]:
    Image.MAX_IMAGE_PIXELS = None  # our own limit is lower, and names the size; Pillow's may warn
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _refuse_bomb(image, most_pixels)
            _refuse_scans(image, content)
            yield image
    except UnidentifiedImageError:
        raise InvalidObservation("image", UNREADABLE) from None
    except (OSError, ValueError, SyntaxError, EOFError):  # what Pillow raises on damage
        raise InvalidObservation("image", "is damaged or cut short") from None


def _refuse_bomb(image: Image.Image, most_pixels: int) -> None:
    if image.width * image.height > most_pixels:
        size = f"{image.width} x {image.height}"
        raise InvalidObservation("image", f"has {size} pixels; at most {most_pixels:,} are allowed")


def _refuse_scans(image: Image.Image, content: bytes) -> None:
    scans = content.count(SCAN) if image.format == "JPEG" else 0
    if scans > MOST_SCANS:
        raise InvalidObservation("image", f"has {scans:,} scans; at most {MOST_SCANS} are allowed")


def _flatten(image: Image.Image) -> Image.Image:
    """Upright, eight bits a channel; behind what is transparent the opposite of what is drawn."""
    if image.mode.startswith("I"):  # 16 bits: convert() would clip instead of scaling
        return Image.fromarray(np.clip(np.asarray(image) // 257, 0, 255).astype(np.uint8))
    upright = _turn_upright(image)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    layer = upright.convert("RGBA")
    ground = "white" if _is_dark(layer) else "black"
    return Image.alpha_composite(Image.new("RGBA", layer.size, ground), layer).convert("RGB")


def _is_dark(layer: Image.Image) -> bool:
    """Whether what can be seen of it is, as black ink on nothing."""
    seen = layer.resize((64, 64), Image.Resampling.NEAREST) if max(layer.size) > 64 else layer
    light, opaque = np.asarray(seen.convert("L")), np.asarray(seen.getchannel("A"))
    return bool(opaque.any() and np.average(light, weights=opaque) < 128)


def _turn_upright(image: Image.Image) -> Image.Image:
    """As the camera was held; what it says of that may be broken while the picture is not."""
    try:
        return ImageOps.exif_transpose(image)
    except (struct.error, TypeError):
        return image


def _resize(image: Image.Image, shape: ImageShape) -> Image.Image:
    toned = image.convert(shape.mode)
    size = (shape.width, shape.height)
    return toned if toned.size == size else toned.resize(size, Image.Resampling.BOX)


def encode_png(shape: ImageShape, row: Numbers) -> bytes:
    """The picture that a row of pixels stands for, as a PNG file."""
    pixels = np.rint(np.asarray(row) * (255.0 / shape.maximum)).clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels.reshape(shape.shape)).save(buffer, format="PNG")
    return buffer.getvalue()
