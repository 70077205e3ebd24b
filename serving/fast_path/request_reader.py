"""Splits what comes over a connection into requests. Raises Refused for invalid HTTP."""

from serving.fast_path.body import Body, LengthBody, body_of
from serving.fast_path.head import (
    END,
    LARGEST_HEAD,
    TOO_LARGE,
    Head,
    HeadReader,
    Refused,
    read_head,
)


class RequestReader:
    def __init__(self) -> None:
        self.begun = False  # whether a request is under way
        self.head: Head  # of the latest request
        self._content = b""  # not read yet
        self._part: HeadReader | None = None  # checks a head that is incomplete
        self._part_size = 0
        self._body: Body = LengthBody(0)

    def __len__(self) -> int:
        """The number of bytes that are not read yet."""
        return len(self._content)

    @property
    def is_read(self) -> bool:
        """Whether all of the request is read."""
        return self._body.done

    def add(self, data: bytes) -> None:
        self._content = self._content + data if self._content else data

    def clear(self) -> None:
        self._content = b""

    def begin(self) -> bool:
        """Read the head of the next request. Returns False while it is incomplete."""
        if self._content[:1] in (b"\r", b"\n"):  # empty lines before it
            self._content = self._content.lstrip(b"\r\n")
        if not self._content:
            return False
        end = self._content.find(END) + len(END)
        if end < len(END):
            self._check_part()
            return False
        if end > LARGEST_HEAD:
            raise Refused(431, TOO_LARGE)
        content, self._content = self._content[:end], self._content[end:]
        self._part = None
        self.head = read_head(content)
        self._body = body_of(self.head)
        self.begun = True
        return True

    def _check_part(self) -> None:
        """Refuse an invalid head before all of it has arrived."""
        if len(self._content) > LARGEST_HEAD:
            raise Refused(431, TOO_LARGE)
        if self._part is None:
            self._part, self._part_size = HeadReader(), 0
        self._part.feed(self._content[self._part_size :])
        self._part_size = len(self._content)

    def read(self) -> bytes:
        """Return the part of the body that has arrived."""
        part, self._content = self._body.take(self._content)
        return part

    def encode(self, part: bytes) -> bytes:
        """The part of the body that was read last, as uvicorn is to receive it."""
        return self._body.encode(part)

    def end(self) -> None:
        self.begun = False
