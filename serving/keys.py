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

from pipeline.durable_files import write_atomic, write_if_absent
from pipeline.settings import InvalidSetting, load_settings

Scope = Literal["predict", "feedback", "alerts", "admin"]
SCOPES: tuple[Scope, ...] = ("predict", "feedback", "alerts", "admin")
ALWAYS_CLOSED = ("alerts", "admin")  # though keys are not required


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
        if scope not in ALWAYS_CLOSED and not self.required:
            return
        if not given:
            raise NoKey
        digest = _digest(given)
        known = [self.digests[name] for name in {scope, "admin"} if name in self.digests]
        opens = [hmac.compare_digest(digest, one) for one in known]
        if not any(opens):
            raise WrongKey

    def name_of(self, given: str | None) -> str:
        """Whose key it is; nothing where it is none of these."""
        digest = _digest(given or "")
        return next((name for name, one in self.digests.items() if one == digest), "")


def load_keys(path: Path, required: bool) -> Keys:
    """Read the hashes; at the first start make the keys, each in a file beside them."""
    if not path.exists():
        _make_keys(path)
    try:
        digests = dict(json.loads(path.read_text()))
        if "alerts" not in digests:  # made before there was one
            digests |= _add_key(path, digests, "alerts")
        needed = [scope for scope in SCOPES if scope in digests or scope != "alerts"]
        return Keys({scope: str(digests[scope]) for scope in needed}, required)
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise InvalidSetting(f"serving.keys names {path}, which holds no keys ({error}).") from None


def _add_key(path: Path, digests: Mapping[str, str], scope: Scope) -> dict[str, str]:
    """None where these files can only be read: then the admin key alone opens that scope."""
    key = _make_key(scope)
    try:
        write_atomic(path, json.dumps({**digests, scope: _digest(key)}).encode(), mode=0o600)
        write_atomic(path.with_name(f"{scope}.key"), f"{key}\n".encode(), mode=0o600)
    except OSError:
        return {}
    return {scope: _digest(key)}


def _make_key(scope: Scope) -> str:
    return f"boucle_{scope}_{secrets.token_urlsafe(24)}"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _make_keys(path: Path) -> None:
    keys = {scope: _make_key(scope) for scope in SCOPES}
    digests = {scope: _digest(key) for scope, key in keys.items()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not write_if_absent(path, json.dumps(digests).encode()):
            return  # another start was quicker, and writes its own
        for scope, key in keys.items():
            write_atomic(path.with_name(f"{scope}.key"), f"{key}\n".encode(), mode=0o600)
    except OSError as error:  # in a container only `prepare` may write them
        raise InvalidSetting(
            f"serving.keys names {path}: there are no keys yet, and none can be made here "
            f"({error.strerror}). With docker compose the service prepare makes them."
        ) from None


def key_of(headers: Mapping[str, str]) -> str | None:
    """The key that a request brings: `Authorization: Bearer ...` or `X-API-Key: ...`."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key")


def require_keys_when_published(host: str, published: str, required: bool) -> None:
    """Serving must not be reachable from elsewhere without keys."""
    address = published or host
    if not required and address not in ("127.0.0.1", "localhost", "::1"):
        raise InvalidSetting(
            f"serving.{'published' if published else 'host'} is {address!r}, which others can "
            f"reach: set serving.require_keys = true, or use 127.0.0.1."
        )


if __name__ == "__main__":
    load_keys(load_settings().serving.keys, required=False)
