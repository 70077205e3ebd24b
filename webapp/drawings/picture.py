"""Makes a picture of a drawing look like the pictures of the training.

A 7 drawn on a large white ground is small, thin and off centre, while those of the training fill
their pictures. A picture of anything else stays as it is.
"""

import io

from PIL import Image, ImageChops, ImageFilter, ImageOps

from webapp.drawings.look import (
    Look,
    choose_by_ink,
    edge_of,
    find_box,
    move_to_middle,
    share_of,
    shrink,
    strongest_of,
)

SCALE = 8  # works at this multiple of the model's size, then shrinks
LARGER = 2  # least multiple of the model's size; a smaller picture was made for the model
SIDE = 512  # pixels that are looked at; of a photo there are many more
MOST_PIXELS, MOST_SCANS = 50_000_000, 100  # of a file: a phone's photos have fewer
SCAN = b"\xff\xda"  # begins each of a progressive JPEG
PLAIN, LEAST_PLAIN = 60, 0.95  # how far pixels of the edge may differ, and which share of them
LEAST_INK, MOST_INK, LEAST_CONTRAST = 0.002, 0.4, 90
GROWTHS = range(-6, 11)  # pixels by which strokes become thicker on each side


def fit_drawing(content: bytes, size: tuple[int, int], look: Look) -> bytes | None:
    """A PNG of the model's size, None if the content is no drawing or no picture."""
    if not look.one_height:
        return None
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if min(picture.size) < LARGER * max(size) or _takes_long(picture, content):
                return None
            picture.thumbnail((SIDE, SIDE))
            ink = _find_ink(_on_white(ImageOps.exif_transpose(picture)))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        return None  # serving will say what is wrong with it
    if ink is None:
        return None
    return choose_by_ink([_fit(ink, size, look, growth) for growth in GROWTHS], look)


def _takes_long(picture: Image.Image, content: bytes) -> bool:
    """Whether decoding it here would block the page; serving decodes in a process of its own."""
    scans = content.count(SCAN) if picture.format == "JPEG" else 0
    return picture.width * picture.height > MOST_PIXELS or scans > MOST_SCANS


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture.convert("L")
    clear = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, "white"), clear).convert("L")


def _find_ink(picture: Image.Image) -> Image.Image | None:
    """Cut out what differs from a plain ground."""
    edge = sorted(edge_of(picture))
    ground = edge[len(edge) // 2]
    if sum(abs(value - ground) <= PLAIN for value in edge) < LEAST_PLAIN * len(edge):
        return None
    ink = ImageChops.difference(picture, Image.new("L", picture.size, ground))
    most = strongest_of(ink)
    if most < LEAST_CONTRAST:
        return None
    clean = ink.point([255 * (value > most / 2) for value in range(256)])
    if not LEAST_INK <= share_of(clean) <= MOST_INK:
        return None
    return clean.crop(find_box(clean))


def _fit(ink: Image.Image, size: tuple[int, int], look: Look, growth: int) -> Image.Image:
    """Scale it to the usual height, with strokes made thicker or thinner by `growth`."""
    across, down = size[0] * SCALE, size[1] * SCALE
    upright = max(1.0, look.height * down - 2 * growth) / ink.height
    aside = min(max(1.0, look.width * across - 2 * growth) / ink.width, upright)
    inner = (max(1, round(ink.width * aside)), max(1, round(ink.height * upright)))
    margin = max(GROWTHS) + 1
    canvas = Image.new("L", (across + 2 * margin, down + 2 * margin))
    canvas.paste(
        ink.resize(inner, Image.Resampling.BOX),
        ((canvas.width - inner[0]) // 2, (canvas.height - inner[1]) // 2),
    )
    if growth > 0:
        canvas = canvas.filter(ImageFilter.MaxFilter(2 * growth + 1))
    elif growth < 0:
        canvas = canvas.filter(ImageFilter.MinFilter(1 - 2 * growth))
    canvas = canvas.crop((margin, margin, margin + across, margin + down))
    return shrink(move_to_middle(canvas, look.middle), SCALE)
