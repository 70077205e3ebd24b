"""Makes the stack's passwords and hands each service its secrets and no others. Run by prepare.

`--show` prints what people need. serving makes the keys themselves, see serving/keys.py.
"""

import argparse
import secrets
from pathlib import Path

from pipeline.files import write_once, write_whole
from pipeline.settings import Settings, load_settings
from scripts.console import Declined, run

KEYS = ("predict.key", "feedback.key", "admin.key")
PASSWORDS = ("store/password", "grafana/password")
HANDED_OVER = {"webapp": ("predict.key", "feedback.key"), "alertmanager": ("admin.key",)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print the keys and passwords")
    options = parser.parse_args()
    folder = find_folder(load_settings())
    if options.show:
        print(show(folder))
    else:
        hand_over(folder)


def find_folder(settings: Settings) -> Path:
    """secrets/ with a folder in it for each who reads them; each is a volume of its own."""
    return settings.serving.keys.parent.parent


def hand_over(folder: Path) -> None:
    """Readable by all, because each service has a user of its own, and mounts only its folder."""
    for name in PASSWORDS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_once(folder / name, secrets.token_urlsafe(24).encode(), mode=0o444)
    for service, names in HANDED_OVER.items():
        for name in names:
            content = (folder / "api" / name).read_bytes()
            write_whole(folder / service / name, content, mode=0o444)


def show(folder: Path) -> str:
    names = [*(f"api/{name}" for name in KEYS), *PASSWORDS]
    if not all((folder / name).exists() for name in names):
        raise Declined("There are no secrets yet: the first `docker compose up` makes them.")
    return "\n".join(f"{name:20} {(folder / name).read_text().strip()}" for name in names)


if __name__ == "__main__":
    run(main)
