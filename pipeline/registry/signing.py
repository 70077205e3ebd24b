"""The key of an installation: who trains signs with its private half, all others only verify.

Ed25519: 32 bytes in hex, or PEM as openssl, cert-manager and Helm write it, where the public half
may be a certificate. Versions of an earlier Boucle carry an HMAC, which only the private half can
verify; `renew` in `pipeline/registry/signed_folder.py` signs them anew.
"""

import contextlib
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pipeline.durable_files import write_if_absent

SIZE = 32
PUBLIC = ".pub"
PEM = "-----BEGIN"
HMAC_DIGITS = 64


class NoSigningKey(Exception):
    """There is a file in its place which holds none."""


@dataclass(frozen=True)
class Key:
    public: bytes
    seed: bytes | None = field(default=None, repr=False)  # the private half, where there is one

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        private = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(private.public_key().public_bytes_raw(), seed)

    def sign(self, content: bytes) -> str:
        if self.seed is None:
            raise NoSigningKey("Here versions are only verified; the trainer's key signs them.")
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(content).hex()

    def verify(self, content: bytes, signature: object) -> bool:
        if is_old(signature):
            return self.seed is not None and self._verify_old(content, str(signature))
        try:
            given = bytes.fromhex(str(signature))
            Ed25519PublicKey.from_public_bytes(self.public).verify(given, content)
        except (ValueError, InvalidSignature):
            return False
        return True

    def _verify_old(self, content: bytes, signature: str) -> bool:
        digest = hmac.new(self.seed or b"", content, hashlib.sha256).hexdigest()
        return hmac.compare_digest(signature.encode("utf-8", "replace"), digest.encode())


def is_old(signature: object) -> bool:
    return isinstance(signature, str) and len(signature) == HMAC_DIGITS


def load_signing_key(path: Path) -> Key:
    """Both halves, made at first use; the public one alone where the other is not given."""
    public = path.with_suffix(PUBLIC)
    if not path.exists():
        if public.exists():
            return Key(_read(public))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_if_absent(path, secrets.token_hex(SIZE).encode())
    key = Key.from_seed(_read(path))
    if not public.exists():
        with contextlib.suppress(OSError):  # where it may only be read
            write_if_absent(public, key.public.hex().encode(), mode=0o644)
    return key


def _read(path: Path) -> bytes:
    try:
        text = path.read_text()
        content = _from_pem(text) if text.startswith(PEM) else bytes.fromhex(text)
    except (ValueError, OSError, UnsupportedAlgorithm) as error:
        raise NoSigningKey(f"{path} holds no signing key: {error}.") from None
    if len(content) != SIZE:
        raise NoSigningKey(f"{path} holds no signing key: it is not {SIZE} bytes long.")
    return content


def _from_pem(text: str) -> bytes:
    """The half that it holds; a ValueError says that it is no key, or one of another kind."""
    # imported where there is such a file: elsewhere they would only cost memory and start
    from cryptography.hazmat.primitives.serialization import (
        load_pem_private_key,
        load_pem_public_key,
    )
    from cryptography.x509 import load_pem_x509_certificate

    content, name = text.encode(), text.partition("\n")[0]
    if "PRIVATE" in name:
        private = load_pem_private_key(content, password=None)
        if isinstance(private, Ed25519PrivateKey):
            return private.private_bytes_raw()
    elif "CERTIFICATE" in name:
        certified = load_pem_x509_certificate(content).public_key()
        if isinstance(certified, Ed25519PublicKey):
            return certified.public_bytes_raw()
    else:
        public = load_pem_public_key(content)
        if isinstance(public, Ed25519PublicKey):
            return public.public_bytes_raw()
    raise ValueError("it is of another kind than Ed25519")
