"""What the files of a kind end in, and what one of them is called."""

from collections.abc import Mapping

from pipeline.data.schema import Kind

ENDINGS: Mapping[Kind, frozenset[str]] = {
    "image": frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}),
    "audio": frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".m4a", ".aac"}),
    "video": frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi", ".gif"}),
}
ONE: Mapping[Kind, str] = {"image": "picture", "audio": "sound", "video": "film"}
