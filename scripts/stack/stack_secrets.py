"""Makes the stack's passwords and hands each service its secrets and no others. Run by prepare.

`--show` prints what people need. serving makes the keys themselves, see serving/keys.py.
"""

import argparse
import json
import secrets
from pathlib import Path

import bcrypt

from pipeline.durable_files import write_atomic, write_if_absent
from pipeline.registry.signing import PUBLIC, load_signing_key
from pipeline.settings import Settings, load_settings
from scripts.cli.command import CommandError, run

KEYS = ("predict.key", "feedback.key", "admin.key")
SHOWN = (
    *("store/password", "grafana/password", "alertmanager/password"),
    "elasticsearch/password",  # of `elastic`, with whom people log in to Kibana
)
PASSWORDS = (
    *(*SHOWN, "store-owner/password"),
    *("kibana/password", "kibana/encryption-key", "events/password"),
)
USER = "boucle"  # of Alertmanager
HANDED_OVER = {"webapp": ("predict.key", "feedback.key"), "alertmanager": ("alerts.key",)}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.stack.stack_secrets", description=__doc__
    )
    parser.add_argument("--show", action="store_true", help="print the keys and passwords")
    options = parser.parse_args()
    settings = load_settings()
    folder = find_folder(settings)
    if options.show:
        print(show(folder))
    else:
        distribute_secrets(folder)
        hand_over_public_key(settings.artifacts.signing_key, folder / "verifying")


def find_folder(settings: Settings) -> Path:
    """secrets/ with a folder in it for each who reads them; each is a volume of its own."""
    return settings.serving.keys.parent.parent


def distribute_secrets(folder: Path) -> None:
    """Readable by all, because each service has a user of its own, and mounts only its folder."""
    for name in PASSWORDS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_if_absent(folder / name, secrets.token_urlsafe(24).encode(), mode=0o444)
    for service, names in HANDED_OVER.items():
        for old in (folder / service).glob("*.key"):
            old.unlink()
        for name in names:
            content = (folder / "api" / name).read_bytes()
            write_atomic(folder / service / name, content, mode=0o444)
    close_alertmanager(folder / "alertmanager", folder / "prometheus")


def hand_over_public_key(path: Path, folder: Path) -> None:
    """Who only verifies gets no key that could sign."""
    public = load_signing_key(path).public.hex().encode()
    write_atomic(folder / path.with_suffix(PUBLIC).name, public, mode=0o444)


def close_alertmanager(folder: Path, teller: Path) -> None:
    """Its API answers pages of any site, so that one could silence alerts: it asks for a login."""
    file = folder / "password"
    password = file.read_bytes()
    hashed = bcrypt.hashpw(password, bcrypt.gensalt()).decode()
    login = {"username": USER, "password_file": file.name}
    write_if_absent(
        folder / "web.yml", json.dumps({"basic_auth_users": {USER: hashed}}).encode(), 0o444
    )
    write_if_absent(folder / "amtool.yml", json.dumps({"basic_auth": login}).encode(), 0o444)
    teller.mkdir(parents=True, exist_ok=True)
    write_if_absent(teller / "password", password, mode=0o444)


def show(folder: Path) -> str:
    names = [*(f"api/{name}" for name in KEYS), *SHOWN]
    if not all((folder / name).exists() for name in names):
        raise CommandError("There are no secrets yet: the first `docker compose up` makes them.")
    return "\n".join(f"{name:22} {(folder / name).read_text().strip()}" for name in names)


if __name__ == "__main__":
    run(main)
