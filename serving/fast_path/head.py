"""Parses the head of a request, which is its request line and headers, with httptools.

Equal heads are parsed once. An invalid head is refused before uvicorn sees a byte of it.
"""

from dataclasses import dataclass
from functools import lru_cache

import httptools

LARGEST_HEAD, MOST_FIELDS = 32_768, 100
MOST_CACHED_BYTES = 2_048  # larger heads are not cached
LONGEST_LENGTH = 20  # digits
END = b"\r\n\r\n"
INVALID = "Invalid HTTP request received."
TOO_LARGE = f"The head is larger than {LARGEST_HEAD:,} bytes or {MOST_FIELDS} fields."

Headers = tuple[tuple[bytes, bytes], ...]


class Refused(Exception):
    """A request that the protocol itself refuses, with a status and a reason."""

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
    expects: bool  # the client waits for 100 Continue before it sends the body
    keep_alive: bool


def read_head(content: bytes) -> Head:
    """Parse a head, which ends with an empty line. Raises Refused if it is invalid."""
    return _read_cached(content) if len(content) <= MOST_CACHED_BYTES else _read(content)


def _read(content: bytes) -> Head:
    reader = HeadReader()
    reader.feed(content)
    return reader.finish(content)


_read_cached = lru_cache(maxsize=512)(_read)


class HeadReader:
    """Parses a head that may come in parts, so that an invalid one is refused early."""

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
        if self._upgrade:  # a proxy in front of us might read what follows differently
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

    # Callbacks of httptools.

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
    if len(digits) > LONGEST_LENGTH:  # it may begin with any number of zeros
        raise Refused(400, INVALID)
    return int(digits)


def _check_address(url: bytes) -> None:
    try:
        path = httptools.parse_url(url).path
    except httptools.HttpParserError:
        path = None
    if not path or not path.isascii():
        raise Refused(400, INVALID)
