"""Under which names a service may be asked, and from which pages. Used by every service.

A page of a stranger can let its own name point to this machine and then read what it likes (DNS
rebinding), and it can send forms to any address. Such a name is never an address, nor a name
without a dot, nor one of a cluster: these no stranger can own. Others stand in the settings.
"""

import ipaddress
import re
import socket
from collections.abc import Collection

OWN_ENDINGS = (".localhost", ".svc", ".svc.cluster.local")
SHORT = re.compile(r"[a-z0-9_-]+")
FOREIGN = b"cross-site"  # what a browser says in Sec-Fetch-Site of a page of somebody else


class Hosts:
    """The names that are ours. What was decided about a header is remembered."""

    def __init__(self, names: Collection[str] = ()) -> None:
        self._names = {name.lower() for name in (*names, socket.gethostname())}
        self._known: dict[bytes, bool] = {}

    def allow(self, header: bytes | None) -> bool:
        """Whether a Host header names us; old clients and probes may send none."""
        if header is None:
            return True
        found = self._known.get(header)
        if found is None:
            found = self._is_ours(_without_port(header.decode("latin-1").strip().lower()))
            if len(self._known) < 1_000:
                self._known[header] = found
        return found

    def allow_origin(self, origin: bytes | None, site: bytes | None, host: bytes | None) -> bool:
        """Whether a request that changes something comes from a page of ours, or from no page."""
        if site == FOREIGN:
            return False
        if origin is None:
            return True
        scheme, _, rest = origin.partition(b"://")
        return bool(scheme) and rest != b"" and (rest == host or self.is_named(rest))

    def is_named(self, header: bytes) -> bool:
        """Whether the settings name it."""
        return _without_port(header.decode("latin-1").lower()) in self._names

    def _is_ours(self, name: str) -> bool:
        if name in self._names or name.endswith(OWN_ENDINGS):
            return True
        return _is_address(name) or SHORT.fullmatch(name) is not None


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0] if host.count(":") == 1 else host


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
