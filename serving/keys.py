"""The keys of the API: made at first start, kept as hashes, each for one scope.

`python -m serving.keys` makes them ahead of the first start.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.files import write_once, write_whole
from pipeline.settings import WrongSetting, load_settings

Scope = Literal["predict", "feedback", "admin"]
SCOPES: tuple[Scope, ...] = ("predict", "feedback", "admin")


class NoKey(Exception):
    """The request brings no key where one is needed."""


class WrongKey(Exception):
    """The key is unknown, or not for this."""


@dataclass(frozen=True)
class Keys:
    """The sha256 of each scope's key, and whether predict and feedback need one at all."""

    digests: Mapping[str, str]
    required: bool

    def check(self, given: str | None, scope: Scope) -> None:
        """Raise NoKey or WrongKey unless the key opens this scope. Admin opens all."""
        if scope != "admin" and not self.required:
            return
        if not given:
            raise NoKey
        digest = hashlib.sha256(given.encode("utf-8", "surrogateescape")).hexdigest()
        opens = [hmac.compare_digest(digest, self.digests[name]) for name in {scope, "admin"}]
        if not any(opens):
            raise WrongKey


def load_keys(path: Path, required: bool) -> Keys:
    """Read the hashes; at the first start make the keys, each in a file beside them."""
    if not path.exists():
        _make_keys(path)
    try:
        digests = json.loads(path.read_text())
        return Keys({scope: str(digests[scope]) for scope in SCOPES}, required)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise WrongSetting(f"serving.keys names {path}, which holds no keys ({error}).") from None


def _make_keys(path: Path) -> None:
    keys = {scope: f"boucle_{scope}_{secrets.token_urlsafe(24)}" for scope in SCOPES}
    digests = {scope: hashlib.sha256(key.encode()).hexdigest() for scope, key in keys.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not write_once(path, json.dumps(digests).encode()):
            return  # another start was quicker, and writes its own
        for scope, key in keys.items():
            write_whole(path.with_name(f"{scope}.key"), f"{key}\n".encode(), mode=0o600)
    except OSError as error:  # in a container only `prepare` may write them
        raise WrongSetting(
            f"serving.keys names {path}: there are no keys yet, and none can be made here "
            f"({error.strerror}). With docker compose the service prepare makes them."
        ) from None


def key_of(headers: Mapping[str, str]) -> str | None:
    """The key that a request brings: `Authorization: Bearer ...` or `X-API-Key: ...`."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key")


def refuse_open_door(host: str, published: str, required: bool) -> None:
    """Serving must not be reachable from elsewhere without keys."""
    address = published or host
    if not required and address not in ("127.0.0.1", "localhost", "::1"):
        raise WrongSetting(
            f"serving.{'published' if published else 'host'} is {address!r}, which others can "
            f"reach: set serving.require_keys = true, or use 127.0.0.1."
        )


if __name__ == "__main__":
    load_keys(load_settings().serving.keys, required=False)
