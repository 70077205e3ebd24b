"""Fetches a file by HTTP, with limits of size and time."""

import ipaddress
import socket
import time
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

from pipeline.tables.table import InvalidDataset

MOST_BYTES = 2_000_000_000
MOST_SECONDS = 600
WAIT_SECONDS = 30  # for an answer, and between two parts of it
MOST_REDIRECTS = 5
REDIRECTS = (301, 302, 303, 307, 308)


def download(url: str, file: IO[bytes]) -> None:
    """Write what the address holds to the file; InvalidDataset says why it cannot be had."""
    import requests

    began, asked = time.monotonic(), url
    try:
        for _ in range(MOST_REDIRECTS + 1):
            with requests.get(
                asked, stream=True, timeout=WAIT_SECONDS, allow_redirects=False
            ) as answer:
                if answer.status_code in REDIRECTS:
                    asked = follow(url, asked, answer.headers.get("Location", ""))
                    continue
                if answer.status_code != 200:
                    raise InvalidDataset(f"{url}: answers {answer.status_code} {answer.reason}.")
                _save(url, answer, file, began)
                return
    except requests.RequestException as error:
        raise InvalidDataset(f"{url}: {_explain(error, asked)}.") from None
    raise InvalidDataset(f"{url}: leads on more than {MOST_REDIRECTS} times.")


def _explain(error: Exception, asked: str) -> str:
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "has a certificate that cannot be trusted"
    if isinstance(error, requests.Timeout):
        return f"does not answer within {WAIT_SECONDS} seconds"
    if isinstance(error, requests.ConnectionError):
        return f"nobody answers at {urlsplit(asked).netloc.rpartition('@')[2]}"
    return f"cannot be fetched ({error})"


def _save(url: str, answer: Any, file: IO[bytes], began: float) -> None:
    size = 0
    for part in answer.iter_content(1 << 20):
        size += len(part)
        if size > MOST_BYTES:
            raise InvalidDataset(f"{url}: is larger than {MOST_BYTES:,} bytes.")
        if time.monotonic() - began > MOST_SECONDS:
            raise InvalidDataset(f"{url}: took more than {MOST_SECONDS} seconds.")
        file.write(part)
    file.flush()


def follow(url: str, asked: str, location: str) -> str:
    """Where a redirect leads; from a public address never into the network that we stand in."""
    found = urljoin(asked, location)
    if urlsplit(found).scheme not in ("http", "https"):
        raise InvalidDataset(f"{url}: leads on to {found}, which is not http.")
    if _is_private(found) and not _is_private(url):
        raise InvalidDataset(
            f"{url}: leads on to {found}, an address of the inner network. Name that address "
            f"itself in dataset.source if it is meant."
        )
    return found


def _is_private(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False  # nor can it be asked
    return any(not ipaddress.ip_address(str(where[4][0])).is_global for where in found)
