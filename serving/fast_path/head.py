"""The head of a request, read with httptools; equal heads are read once.

What is no head of HTTP/1.1 is refused here, before uvicorn has seen a byte of it.
"""

from dataclasses import dataclass
from functools import lru_cache

import httptools

LARGEST_HEAD, MOST_FIELDS = 32_768, 100
REMEMBERED_BYTES = 2_048  # a larger head is read each time
LONGEST_LENGTH = 20  # digits
END = b"\r\n\r\n"
INVALID = "Invalid HTTP request received."
TOO_LARGE = f"The head is larger than {LARGEST_HEAD:,} bytes or {MOST_FIELDS} fields."

Headers = tuple[tuple[bytes, bytes], ...]


class Refused(Exception):
    """A request that is not answered by the application."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


@dataclass(frozen=True, slots=True)
class Head:
    content: bytes
    method: bytes
    url: bytes
    headers: Headers
    length: int  # of the body, if it is not chunked
    chunked: bool
    expects: bool  # to be told to go on before it sends a body
    keep_alive: bool


def read_head(content: bytes) -> Head:
    """Refused unless it is one. It ends with an empty line."""
    return _remembered(content) if len(content) <= REMEMBERED_BYTES else _read(content)


def _read(content: bytes) -> Head:
    reader = HeadReader()
    reader.feed(content)
    return reader.finish(content)


_remembered = lru_cache(maxsize=512)(_read)


class HeadReader:
    """Reads a head that may come in parts, so that one that is none is refused at once."""

    def __init__(self) -> None:
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._upgrade = self._keep_alive = self._complete = False
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, content: bytes) -> None:
        try:
            self._parser.feed_data(content)
        except httptools.HttpParserUpgrade:
            self._upgrade = True
        except httptools.HttpParserError:
            raise Refused(400, INVALID) from None
        if len(self._headers) > MOST_FIELDS:
            raise Refused(431, TOO_LARGE)
        if self._upgrade:  # what follows it a proxy before us would read otherwise
            raise Refused(400, "No other protocol is spoken here.")

    def finish(self, content: bytes) -> Head:
        if not self._complete:
            raise Refused(400, INVALID)
        _check_address(self._url)
        fields = dict(self._headers)
        return Head(
            content,
            self._parser.get_method(),
            self._url,
            tuple(self._headers),
            _read_length(fields.get(b"content-length", b"0")),
            self._is_chunked(),
            b"expect" in fields,
            self._keep_alive,
        )

    def _is_chunked(self) -> bool:
        codings = [text.lower() for name, text in self._headers if name == b"transfer-encoding"]
        if codings and codings != [b"chunked"]:
            raise Refused(400, INVALID)
        return bool(codings)

    # What httptools calls.

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._complete = True
        self._upgrade = self._parser.should_upgrade()
        self._keep_alive = (
            self._parser.get_http_version() != "1.0" and self._parser.should_keep_alive()
        )


def _read_length(digits: bytes) -> int:
    if len(digits) > LONGEST_LENGTH:  # of zeros there may be any number
        raise Refused(400, INVALID)
    return int(digits)


def _check_address(url: bytes) -> None:
    try:
        path = httptools.parse_url(url).path
    except httptools.HttpParserError:
        path = None
    if not path or not path.isascii():
        raise Refused(400, INVALID)
