"""What prepare leaves behind and training starts from: embedding, reference and holdout."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pipeline.data import holdout_sample
from pipeline.data.holdout_sample import HoldoutSample, read_rows
from pipeline.data.schema import Schema
from pipeline.data.text_networks import add_text_network
from pipeline.durable_files import write_atomic
from pipeline.embedding.affine import read_embedding
from pipeline.embedding.embedding import ARRAYS, PIPELINE, Embedding
from pipeline.embedding.user_pipeline import make_pipeline_embedding
from pipeline.embedding.vectors import LabelledVectors, read_vectors, write_vectors
from pipeline.extractors import network
from pipeline.registry.place import EMBEDDING, EMBEDDINGS
from pipeline.registry.registry import ModelRegistry
from pipeline.registry.signed_folder import SignedFolder, UntrustedArtifact
from pipeline.settings import Settings

log = logging.getLogger(__name__)
REFERENCE, HOLDOUT = "ref_data.csv", "test_data.csv"
SAMPLES = "samples"  # the folder of files to upload
EMBEDDING_FILES = ("scaler.pkl", "pca.pkl", ARRAYS, PIPELINE, network.FILE, "residuals.npy")


class NotPrepared(Exception):
    """There is nothing to train on, or it is not what was prepared."""


@dataclass(frozen=True)
class PreparedData:
    """The frozen embedding as it lies on disk, and the vectors that it made."""

    sealed: SignedFolder
    embedding: Embedding
    reference: LabelledVectors
    holdout: LabelledVectors

    def embedding_files(self) -> dict[str, bytes]:
        """What every version made from this carries."""
        names = [*EMBEDDING_FILES, holdout_sample.FILE, holdout_sample.REFERENCE_FILE]
        return {name: self.sealed.read(name) for name in names if name in self.sealed}

    def holdout_rows(self) -> HoldoutSample | None:
        """Rows of the holdout in original features; None where an older prepare kept none."""
        return rows_of(self.sealed)

    def facts(self) -> dict[str, Any]:
        """What every version made from this says of it."""
        facts = {name: self.sealed.manifest[name] for name in ("embedding_id", "schema")}
        facts["embedding_kind"] = self.embedding.kind
        rows = {"reference": len(self.reference), "production": 0, "holdout": len(self.holdout)}
        return {**facts, "rows": rows}


def embedding_settings(settings: Settings) -> dict[str, Any]:
    """The settings that an embedding hangs on; under others it would be another one."""
    return settings.model_dump(mode="json", include={"dataset", "embedding"})


def save_prepared(
    settings: Settings,
    artifacts: ModelRegistry,
    files: dict[str, bytes],
    embedding: Embedding,
    reference: LabelledVectors,
    holdout: LabelledVectors,
    tried: Mapping[str, float],
) -> None:
    """Write the embedding and the two CSV files; the pointer to it comes last."""
    tables = {REFERENCE: write_vectors(reference), HOLDOUT: write_vectors(holdout)}
    save_embedding(settings, artifacts, files, embedding, tables, tried)
    activate_embedding(settings, artifacts, embedding.embedding_id, tables)


def save_embedding(
    settings: Settings,
    artifacts: ModelRegistry,
    files: dict[str, bytes],
    embedding: Embedding,
    tables: dict[str, bytes],
    tried: Mapping[str, float],
) -> SignedFolder:
    """Seal an embedding beside the others. It is not in use before `activate_embedding`.

    `tried` holds the accuracy of each kind that was tried before this one was taken.
    """
    facts = {
        "embedding_id": embedding.embedding_id,
        "embedding_kind": embedding.kind,
        "embedding_tried": tried,
        "schema": embedding.schema,
        "settings": embedding_settings(settings),
        "tables": {name: hashlib.sha256(table).hexdigest() for name, table in tables.items()},
    }
    name = f"{EMBEDDINGS}/{embedding.embedding_id}"
    sealed = {**files, embedding.file_name: embedding.to_bytes()}
    artifacts.place.add(name, sealed, facts, artifacts.key)
    return artifacts.place.open(name, artifacts.key, artifacts.trusted)


def activate_embedding(
    settings: Settings, artifacts: ModelRegistry, embedding_id: str, tables: dict[str, bytes]
) -> None:
    """Tables first. Where other machines train too, they find them beside the embedding."""
    with artifacts.place.locked():
        for name, table in tables.items():
            if artifacts.place.shared:
                artifacts.place.write(_place_of(embedding_id, name), table)
            write_atomic(settings.paths.data / name, table)
        artifacts.place.write(EMBEDDING, f"{embedding_id}\n".encode())


def _place_of(embedding_id: str, table: str) -> str:
    return f"{EMBEDDINGS}/{embedding_id}/tables/{table}"


def open_active_embedding(artifacts: ModelRegistry) -> SignedFolder | None:
    """The embedding in use, verified; None before the first prepare."""
    name = active_embedding_id(artifacts)
    if name is None:
        return None
    return artifacts.place.open(f"{EMBEDDINGS}/{name}", artifacts.key, artifacts.trusted)


def active_embedding_id(artifacts: ModelRegistry) -> str | None:
    content = artifacts.place.last_seen(EMBEDDING)
    return None if content is None else content.decode(errors="replace").strip()


def columns_in_use(artifacts: ModelRegistry) -> tuple[str, ...]:
    """The names of a vector's numbers under the embedding in use."""
    sealed = open_active_embedding(artifacts)
    if sealed is None:
        raise NotPrepared("Nothing is prepared yet; run scripts/prepare.py.")
    return embedding_of(sealed).columns


def load_prepared(settings: Settings, artifacts: ModelRegistry) -> PreparedData:
    """What the last prepare made, or NotPrepared with the reason."""
    sealed = open_active_embedding(artifacts)
    if sealed is None:
        raise NotPrepared("Nothing is prepared yet; run scripts/prepare.py.")
    embedding = embedding_of(sealed)
    for name, digest in sealed.manifest["tables"].items():
        path = settings.paths.data / name
        if artifacts.place.shared and not _is_table(path, digest):
            _bring_table(artifacts, _place_of(embedding.embedding_id, name), path)
        _check_table(path, digest)
    tables = (settings.paths.data / REFERENCE, settings.paths.data / HOLDOUT)
    reference, holdout = (
        read_vectors(path, embedding.columns, embedding.embedding_id) for path in tables
    )
    return PreparedData(sealed, embedding, reference, holdout)


def embedding_of(sealed: SignedFolder) -> Embedding:
    """The embedding in a sealed folder, of prepare or of a version."""
    schema = msgspec.convert(sealed.manifest["schema"], Schema)
    _add_text_network(sealed, schema)
    embedding: Embedding
    if PIPELINE in sealed:
        transformer = sealed.unpickle(PIPELINE)
        embedding = make_pipeline_embedding(schema, transformer, sealed.read(PIPELINE))
    else:
        embedding = read_embedding(schema, sealed.read(ARRAYS))
    if embedding.embedding_id != sealed.manifest["embedding_id"]:
        raise UntrustedArtifact(
            f"{sealed.folder}: the embedding is not the one that the manifest names."
        )
    return embedding


def _add_text_network(sealed: SignedFolder, schema: Schema) -> None:
    """What decodes an observation finds it by its digest from then on."""
    digests = {feature.network for feature in schema.features if feature.network}
    if not digests:
        return
    try:
        found = network.load_network(sealed.read(network.FILE))
    except (KeyError, ValueError) as error:
        raise UntrustedArtifact(f"{sealed.folder}: {network.FILE} {error}.") from None
    if digests != {found.digest}:
        raise UntrustedArtifact(f"{sealed.folder}: {network.FILE} is not what the features name.")
    add_text_network(found.digest, found.read_text)


def rows_of(sealed: SignedFolder) -> HoldoutSample | None:
    """The rows in original features in a sealed folder, of prepare or of a version."""
    return read_rows(sealed.read(holdout_sample.FILE)) if holdout_sample.FILE in sealed else None


def reference_rows_of(sealed: SignedFolder) -> HoldoutSample | None:
    """The rows that drift is compared with, as `watched_features.py` names their columns."""
    name = holdout_sample.REFERENCE_FILE
    return read_rows(sealed.read(name)) if name in sealed else None


def _bring_table(artifacts: ModelRegistry, name: str, path: Path) -> None:
    """What another machine prepared."""
    content = artifacts.place.read(name)
    if content is not None:
        log.info("%s is fetched from %s", path, artifacts.place.url)
        try:
            write_atomic(path, content)
        except OSError as error:
            raise NotPrepared(f"{path} cannot be written: {error.strerror}.") from None


def _is_table(path: Path, digest: str) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == digest


def _check_table(path: Path, digest: str) -> None:
    if not path.is_file():
        raise NotPrepared(f"{path} is missing; run scripts/prepare.py --fresh.")
    if not _is_table(path, digest):
        raise NotPrepared(
            f"{path} is not the file that prepare wrote with the embedding in use: its vectors "
            f"may be of another embedding. Put it back, or start anew with --fresh."
        )
