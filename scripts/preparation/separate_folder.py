"""A second installation in a folder of its own; used by the notebooks, which start with it.

What `make run` works with stays as it is, whatever config.toml says about folders and stores.
"""

from pathlib import Path

from pipeline.settings import PREFIX

ROOT = Path(__file__).parents[2]  # relative paths in config.toml are relative to this folder
PLACES = {
    "PATHS__DATA": "data",
    "PATHS__ARCHIVE": "archive",
    "ARTIFACTS__FOLDER": "artifacts",
    "ARTIFACTS__CACHE": "cache",
    "ARTIFACTS__SIGNING_KEY": "secrets/signing.key",
    "STORE__SPOOL": "store/spool",
    "SERVING__KEYS": "secrets/keys.json",
    "LOGS__FOLDER": "logs",
    "REPORTING__REPORTS": "reports",
    "REPORTING__WORKSPACE": "workspace",
}
ALONE = {  # one process of each service, on this machine, over SQLite
    "STORE__PASSWORD_FILE": "",  # nosec B105
    "SERVING__HOST": "127.0.0.1",
    "SERVING__PUBLISHED": "",
    "SERVING__WORKERS": "1",
    "SERVING__REPLICAS": "1",
    "SERVING__REQUIRE_KEYS": "false",
    "TRACKING__MLFLOW_URI": "",
    "TRACKING__DVCLIVE_FOLDER": "",
}


def separate(folder: Path) -> dict[str, str]:
    """The variables that make every service write into the folder, and nowhere else."""
    places = {name: str(folder / place) for name, place in PLACES.items()}
    store = {"STORE__URL": f"sqlite:///{folder / 'store' / 'boucle.db'}"}
    return {f"{PREFIX}{name}": value for name, value in {**ALONE, **places, **store}.items()}
