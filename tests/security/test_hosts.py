"""Names under which a service may be asked: no stranger can own them, or we are told them."""

import pytest

from pipeline.hosts import Hosts

OURS = Hosts(["boucle.example.org"])


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8080", "127.0.0.1:8080", "10.1.2.3", "[::1]:8080", "[fe80::1]"),
        *("serving-api:8080", "reporting", "boucle.localhost:8081", "BOUCLE.example.org"),
        *("serving.default.svc", "serving.default.svc.cluster.local:80", "boucle.example.org:443"),
    ],
)
def test_it_may_be_asked_by(host):
    assert OURS.allow(host.encode())


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:8080", "127.0.0.1.nip.io", "localhost.evil.example"),
        *("boucle.example.org.evil.example", "", "127.0.0.1.", "a:b:c", "x.local", "evil.example."),
    ],
)
def test_it_may_not_be_asked_by(host):
    assert not OURS.allow(host.encode())


def test_a_probe_without_a_name_is_answered():
    assert OURS.allow(None)


@pytest.mark.parametrize(
    ("origin", "site", "allowed"),
    [
        (None, None, True),
        (b"http://127.0.0.1:8080", b"same-origin", True),
        (b"https://boucle.example.org", b"same-site", True),
        (b"http://evil.example", None, False),
        (b"http://127.0.0.1:9999", b"same-site", False),
        (b"null", None, False),
        (None, b"cross-site", False),
        (b"http://127.0.0.1:8080", b"cross-site", False),
    ],
)
def test_what_changes_something_comes_from_a_page_of_ours_or_from_none(origin, site, allowed):
    assert OURS.allow_origin(origin, site, b"127.0.0.1:8080") is allowed
