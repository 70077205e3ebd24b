"""A container of Azure's storage as Azurite serves it, once AZURITE names its program."""

import base64
import hashlib
import hmac
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from unittest import mock

import httpx

from tests.support.processes.servers import free_port

PROGRAM = os.environ.get("AZURITE", "")
ACCOUNT, CONTAINER = "devstoreaccount1", "boucle"
KEY = base64.b64encode(b"a key that this server is told").decode()


@contextmanager
def azure_container() -> Iterator[str]:
    """The URL; what obstore needs to find it is in the environment while it is there."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    process = subprocess.Popen(
        [
            *(PROGRAM, "--blobHost", "127.0.0.1", "--blobPort", str(port)),
            *("--inMemoryPersistence", "--skipApiVersionCheck", "--silent"),
        ],
        env={**os.environ, "AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}"},
        stdout=subprocess.DEVNULL,
    )
    names = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_ENDPOINT")
    try:
        _make(endpoint)
        with mock.patch.dict(os.environ, zip(names, (ACCOUNT, KEY, endpoint), strict=True)):
            yield f"az://{CONTAINER}"
    finally:
        process.kill()
        process.wait()


def _make(endpoint: str) -> None:
    end = time.monotonic() + 30
    while True:
        try:
            made = httpx.put(f"{endpoint}/{CONTAINER}?restype=container", headers=_signed())
        except httpx.TransportError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
        else:
            made.raise_for_status()
            return


def _signed() -> dict[str, str]:
    """What Azure calls a shared key: obstore makes no containers."""
    own = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    lines = ["PUT", *[""] * 11, *(f"{name}:{text}" for name, text in own.items())]
    lines += [f"/{ACCOUNT}/{ACCOUNT}/{CONTAINER}", "restype:container"]
    digest = hmac.new(base64.b64decode(KEY), "\n".join(lines).encode(), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return {**own, "Authorization": f"SharedKey {ACCOUNT}:{signature}"}
