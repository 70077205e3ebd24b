"""Makes prepared data and versions as the commands do, for the tests that need some."""

from pipeline.registry.prepared import load_prepared
from pipeline.registry.registry import open_registry
from scripts.prepare import prepare
from scripts.retraining.first_version import train_version


def make_version(settings):
    """Prepare, where nothing is prepared, and put a version live."""
    artifacts = open_registry(settings.artifacts)
    if artifacts.place.read("EMBEDDING") is None:
        prepare(settings, artifacts)
    version, _ = train_version(settings, artifacts, load_prepared(settings, artifacts))
    return version


def publish_small(artifacts, **facts):
    """A version of a few bytes, quickly made: for tests that load no model."""
    files = {"scaler.pkl": b"scaler", "pca.pkl": b"pca", "model.pkl": b"model"}
    return artifacts.publish(files, facts)


def publish_live(artifacts):
    return artifacts.activate(publish_small(artifacts).manifest["version"]).manifest["version"]
