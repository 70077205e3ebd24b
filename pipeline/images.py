"""From the bytes of a PNG or JPEG to a row of pixels, with care for what strangers upload."""

import io
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from pipeline.observation import BadObservation
from pipeline.schema import ImageShape

MOST_PIXELS = 25_000_000  # a decoded pixel costs up to 4 bytes; a phone's photo has 12 million
FORMATS = ("PNG", "JPEG")


def decode_image(shape: ImageShape, content: bytes) -> NDArray[np.float64]:
    """Bring any PNG or JPEG to the dataset's size and colours: one row, pixel after pixel."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit is lower, and names the size; Pillow's may warn
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            _refuse_bomb(image)
            small = _resize(_flatten(image), shape)
    except UnidentifiedImageError:
        raise BadObservation("image", "is not a PNG or JPEG picture that can be read") from None
    except (OSError, ValueError, SyntaxError, EOFError):  # what Pillow raises on damage
        raise BadObservation("image", "is damaged or cut short") from None
    return np.asarray(small, dtype=np.float64).ravel() * (shape.maximum / 255.0)


def _refuse_bomb(image: Image.Image) -> None:
    if image.width * image.height > MOST_PIXELS:
        size = f"{image.width} x {image.height}"
        raise BadObservation("image", f"has {size} pixels; at most {MOST_PIXELS:,} are allowed")


def _flatten(image: Image.Image) -> Image.Image:
    """Upright, eight bits a channel, what is transparent black."""
    if image.mode.startswith("I"):  # 16 bits: convert() would clip instead of scaling
        wide = np.asarray(image, dtype=np.float64) / 257.0
        return Image.fromarray(np.clip(wide, 0, 255).astype(np.uint8))
    upright = _turn_upright(image)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    layer = upright.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "black"), layer).convert("RGB")


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


def encode_png(shape: ImageShape, row: NDArray[np.float64]) -> bytes:
    """The picture that a row of pixels stands for, as a PNG file."""
    pixels = np.rint(np.asarray(row) * (255.0 / shape.maximum)).clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels.reshape(shape.shape)).save(buffer, format="PNG")
    return buffer.getvalue()
