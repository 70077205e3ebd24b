"""Where a request ends, whatever comes behind it and however it is cut."""

import httptools
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.fast_path.head import Refused
from serving.fast_path.request_reader import RequestReader

POST = b"POST /predict HTTP/1.1\r\nhost: x\r\n"


def chunked(parts, trailer=b""):
    chunks = b"".join(b"%X;more=1\r\n%b\r\n" % (len(part), part) for part in parts if part)
    return POST + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n" + trailer + b"\r\n"


def counted(body):
    return POST + b"content-length: %d\r\n\r\n%b" % (len(body), body)


bodies = st.binary(max_size=30)
requests = st.one_of(
    st.tuples(bodies.map(counted)),
    st.tuples(st.lists(bodies, max_size=3).map(lambda parts: chunked(parts, b"x-key: y\r\n"))),
    st.just((b"\r\nGET /livez HTTP/1.1\r\nhost: x\r\n\r\n",)),
)


class Body:
    """What httptools, and with it uvicorn, takes for the body."""

    def __init__(self, request):
        self.content, self.complete = b"", False
        httptools.HttpRequestParser(self).feed_data(request)

    def on_body(self, content):
        self.content += content

    def on_message_complete(self):
        self.complete = True


def read_all(pieces):
    """Each request's method and body, and what is handed on of it."""
    reader, found, handed = RequestReader(), [], b""
    for piece in pieces:
        reader.add(piece)
        while True:
            if not reader.begun and not reader.begin():
                break
            if not handed:
                handed, body = reader.head.content, b""
            part = reader.read()
            body, handed = body + part, handed + reader.encode(part)
            if not reader.is_read:
                break
            found.append((reader.head.method, body, handed))
            reader.end()
            handed = b""
    assert not reader
    return found


@given(st.lists(requests, min_size=1, max_size=4), st.lists(st.integers(0, 400), max_size=6))
def test_requests_are_told_apart_as_uvicorn_does_alone(sent, cuts):
    whole = b"".join(one for (one,) in sent)
    ends = sorted(min(cut, len(whole)) for cut in cuts)
    pieces = [whole[a:b] for a, b in zip([0, *ends], [*ends, len(whole)], strict=True)]
    found = read_all(pieces)
    assert len(found) == len(sent)
    for (request,), (method, body, handed) in zip(sent, found, strict=True):
        asked, given_on = Body(request.lstrip(b"\r\n")), Body(handed)
        assert request.lstrip(b"\r\n").startswith(method)
        assert asked.content == given_on.content == body
        assert given_on.complete
        assert b"x-key" not in handed


@pytest.mark.parametrize(
    "body",
    [
        *(b"zz\r\n", b"-1\r\n", b"0x2\r\nab\r\n", b" 2\r\nab\r\n", b"\r\n", b"123456789\r\n"),
        *(b"1;\x00\r\na\r\n", b"0\r\nGET / HTTP/1.1\r\n\r\n", b"0\r\nx: y\nz: y\r\n\r\n"),
        *(b"2\r\nabc\r\n", b"2\r\nab0\r\n\r\n", b"2;\nx\r\nab\r\n", b"2\rx\r\nab\r\n"),
        b"1" * 2_000,
    ],
)
def test_what_is_no_chunk_is_refused(body):
    with pytest.raises(Refused, match="Invalid"):
        read_all([POST + b"transfer-encoding: chunked\r\n\r\n" + body])


@pytest.mark.parametrize(
    "fields",
    [
        b"content-length: 2\r\ncontent-length: 2\r\n",
        b"content-length: +2\r\n",
        b"content-length: %b2\r\n" % (b"0" * 5_000),
        b"content-length: 2\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
        b"transfer-encoding: gzip, chunked\r\n",
        b"transfer-encoding: xchunked\r\n",
        b"transfer-encoding : chunked\r\n",
        b"content-length: 2\n",
        b"no field\r\n",
    ],
)
def test_a_head_that_two_could_read_in_two_ways_is_refused(fields):
    with pytest.raises(Refused, match="Invalid"):
        read_all([POST + fields + b"\r\nab"])


@pytest.mark.parametrize(
    "start", [b"\x16\x03\x01\x02", b"hello\r\n", b"GET / HTTP/1.1\nhost: x\n\n"]
)
def test_what_is_no_head_is_refused_before_it_ends(start):
    with pytest.raises(Refused, match="Invalid"):
        read_all([start])
