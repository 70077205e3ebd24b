"""Finds the end of a request body, and encodes the body for uvicorn.

A chunked body is decoded and encoded again without its trailers, so that uvicorn never sees chunks
that it and a proxy in front of us could read differently (request smuggling).
"""

import re

from serving.fast_path.head import INVALID, LARGEST_HEAD, TOO_LARGE, Head, Refused

LONGEST_LINE = 1_024  # bytes of the line before a chunk: its size, perhaps extensions
MOST_CHUNKS = 1_000_000
TEXT = rb"[^\x00-\x08\x0a-\x1f\x7f]*"
SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;" + TEXT + rb")?")
TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:" + TEXT)


class LengthBody:
    def __init__(self, length: int) -> None:
        self._left = length

    @property
    def done(self) -> bool:
        return not self._left

    def take(self, content: bytes) -> tuple[bytes, bytes]:
        """Split the content into a part of the body and the rest, which is not read yet."""
        part, rest = content[: self._left], content[self._left :]
        self._left -= len(part)
        return part, rest

    def encode(self, part: bytes) -> bytes:
        return part


class ChunkedBody:
    def __init__(self) -> None:
        self.done = False
        self._left = 0  # bytes of the current chunk
        self._after_chunk = self._after_last = False
        self._trailers = 0  # bytes
        self._chunks = 0

    def take(self, content: bytes) -> tuple[bytes, bytes]:
        """Decode chunks and drop trailers. Raises Refused if the encoding is invalid."""
        parts, at = [], 0
        while not self.done:
            if self._left:
                part = content[at : at + self._left]
                parts.append(part)
                at += len(part)
                self._left -= len(part)
                if self._left:
                    break
                self._after_chunk = True
            end = content.find(b"\r\n", at)
            if end < 0:
                if len(content) - at > LONGEST_LINE:
                    raise Refused(400, INVALID)
                break
            self._read_line(content[at:end])
            at = end + 2
        return b"".join(parts), content[at:]

    def _read_line(self, line: bytes) -> None:
        if self._after_chunk:
            self._after_chunk = False
            if line:
                raise Refused(400, INVALID)
        elif self._after_last:
            self._trailers += len(line)
            if self._trailers > LARGEST_HEAD:
                raise Refused(431, TOO_LARGE)
            if line and not TRAILER.fullmatch(line):
                raise Refused(400, INVALID)
            self.done = not line
        else:
            found = SIZE.fullmatch(line)
            self._chunks += 1
            if found is None:
                raise Refused(400, INVALID)
            if self._chunks > MOST_CHUNKS:
                raise Refused(413, f"The body comes in more than {MOST_CHUNKS:,} chunks.")
            self._left = int(found[1], 16)
            self._after_last = not self._left

    def encode(self, part: bytes) -> bytes:
        chunk = b"%x\r\n%b\r\n" % (len(part), part) if part else b""
        return chunk + b"0\r\n\r\n" if self.done else chunk


Body = LengthBody | ChunkedBody


def body_of(head: Head) -> Body:
    return ChunkedBody() if head.chunked else LengthBody(head.length)
