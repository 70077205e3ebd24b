"""A sealed folder: its manifest names the sha256 of every file and is signed by who trained it.

Nothing of a folder is unpickled before `open_signed` has found every byte as it was signed.
"""

import hashlib
import io
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from pipeline import unpickling
from pipeline.durable_files import sync_folder, write_atomic, write_synced
from pipeline.registry.signing import Key, is_old

MANIFEST = "manifest.json"


class UntrustedArtifact(Exception):
    """A folder that must not be used; the text says which and why."""


class NotThere(UntrustedArtifact):
    """There is no such folder."""


@dataclass(frozen=True)
class SignedFolder:
    """A folder whose manifest and files were found as they were signed."""

    folder: Path
    manifest: dict[str, Any]
    trusted: tuple[str, ...] = ()  # modules whose classes may be unpickled

    def unpickle(self, name: str) -> Any:
        """The object in a file; only classes that are known or trusted come out of it."""
        content = self.read(name)
        if not installed_version("scikit-learn"):
            raise UntrustedArtifact(
                f"{self.folder}: {name} is not compiled, and scikit-learn, which runs it, is not "
                f"installed here; an image has it when built with EXTRA_PACKAGES=scikit-learn."
            )
        if not content.startswith(b"\x80\x05"):  # of a version made before these were plain pickles
            import joblib

            return joblib.load(io.BytesIO(content))
        try:
            return unpickling.load(content, self.trusted)
        except unpickling.NotTrusted as error:
            raise UntrustedArtifact(f"{self.folder}, {name}: {error}") from error

    def read(self, name: str) -> bytes:
        """A file's bytes, checked again: what is used is what was signed."""
        return _read_checked(self.folder, name, self.manifest["files"].get(name, ""))

    def __contains__(self, name: str) -> bool:
        return name in self.manifest["files"]


def installed_version(name: str) -> str:
    """Empty where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def libraries() -> dict[str, str]:
    """The versions that a pickle or a graph depends on."""
    names = ("scikit-learn", "numpy", "onnxruntime")
    return {"python": platform.python_version(), **{n: installed_version(n) for n in names}}


def seal(folder: Path, files: Mapping[str, bytes], facts: Mapping[str, Any], key: Key) -> None:
    """Write the files and the signed manifest into a new folder, all of it synced."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        write_synced(folder / name, content)
    write_synced(folder / MANIFEST, make_manifest(files, facts, key))
    sync_folder(folder)


def make_manifest(files: Mapping[str, bytes], facts: Mapping[str, Any], key: Key) -> bytes:
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = msgspec.to_builtins({**facts, "libraries": libraries(), "files": digests})
    return _signed(manifest, key)


def renew(folder: Path, key: Key) -> bool:
    """Sign a folder of an earlier Boucle anew; whether it was one."""
    manifest = _read_manifest(folder)
    if not is_old(manifest.get("signature")) or not is_signed(manifest, key):
        return False
    write_atomic(folder / MANIFEST, _signed(manifest, key))
    return True


def _signed(manifest: dict[str, Any], key: Key) -> bytes:
    signature = sign(manifest, key)
    return msgspec.json.format(msgspec.json.encode({**manifest, "signature": signature}))


def open_signed(folder: Path, key: Key, trusted: tuple[str, ...] = ()) -> SignedFolder:
    """Verify a folder, or raise UntrustedArtifact: signature, libraries, then every file."""
    manifest = read_signed_manifest(folder, key)
    for name, digest in manifest["files"].items():
        _read_checked(folder, name, digest)
    return SignedFolder(folder, manifest, trusted)


def read_signed_manifest(folder: Path, key: Key) -> dict[str, Any]:
    """The manifest, found as it was signed, of libraries that are here; no file was looked at."""
    manifest = _read_manifest(folder)
    if is_old(manifest.get("signature")) and key.seed is None:
        raise UntrustedArtifact(
            f"{folder}: signed by an earlier Boucle; scripts/prepare.py signs it anew."
        )
    if not is_signed(manifest, key):
        raise UntrustedArtifact(
            f"{folder}: the manifest was changed or signed by another installation."
        )
    _check_libraries(folder, manifest["libraries"])
    return manifest


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        raise UntrustedArtifact(f"{folder}: there is no {MANIFEST}.") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UntrustedArtifact(f"{folder}: {MANIFEST} is damaged ({error}).") from None
    except OSError as error:
        raise UntrustedArtifact(
            f"{folder}: {MANIFEST} cannot be read ({error.strerror})."
        ) from None
    return manifest


def _check_libraries(folder: Path, recorded: Mapping[str, str]) -> None:
    needed, present = recorded.get("scikit-learn"), installed_version("scikit-learn")
    if present and needed != present:  # where it is absent no pickle is opened
        raise UntrustedArtifact(
            f"{folder}: made with scikit-learn {needed}, but {present} is installed. "
            f"Its pickles cannot be trusted to mean the same: install {needed} again, or start "
            f"anew with scripts/prepare.py --fresh."
        )


def _read_checked(folder: Path, name: str, digest: str) -> bytes:
    try:
        content = (folder / name).read_bytes()
    except FileNotFoundError:
        raise UntrustedArtifact(f"{folder}: {name} is missing.") from None
    except OSError as error:
        raise UntrustedArtifact(f"{folder}: {name} cannot be read ({error.strerror}).") from None
    if hashlib.sha256(content).hexdigest() != digest:
        raise UntrustedArtifact(f"{folder}: {name} is not the file that was signed.")
    return content


def is_signed(manifest: Mapping[str, Any], key: Key) -> bool:
    return key.verify(_unsigned(manifest), manifest.get("signature"))


def sign(manifest: Mapping[str, Any], key: Key) -> str:
    """Of all that it says but its signature."""
    return key.sign(_unsigned(manifest))


def _unsigned(manifest: Mapping[str, Any]) -> bytes:
    unsigned = {name: value for name, value in manifest.items() if name != "signature"}
    return msgspec.json.encode(unsigned, order="deterministic")
