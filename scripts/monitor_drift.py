"""Compares two dated files, by default two months of churn, and says whether to retrain.

The comparison is `python -m reporting.batch.compare`, in a process of its own, because Evidently is
imported by reporting alone. The last line of the output and the exit code are for a scheduler:
0 without, 3 with a retraining triggered, 1 when it could not be told or asked for.
"""

import argparse
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from pipeline.settings import InvalidSetting, Settings, load_settings
from scripts.cli.command import run

RETRAIN = 3
KEY_VARIABLE = "ADMIN_KEY"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--trigger", action="store_true", help="ask serving for the retraining")
    parser.add_argument("--url", help="where serving is (default: SERVING_URL, else this machine)")
    options, others = parser.parse_known_args(arguments)
    settings = load_settings()
    if {"-h", "--help"} & set(others):
        print(parser.format_help())
    code = compare(others)
    if code == RETRAIN and options.trigger:
        here = f"http://127.0.0.1:{settings.serving.port}"
        job = ask_for_retraining(options.url or os.environ.get("SERVING_URL") or here, settings)
        print(f"Serving queued retraining {job}.", file=sys.stderr)
    sys.exit(code)


def compare(others: Sequence[str]) -> int:
    command = [sys.executable, "-m", "reporting.batch.compare", *others]
    return subprocess.run(command, check=False).returncode


def ask_for_retraining(url: str, settings: Settings) -> int:
    """POST /retrain with the admin key; the number of the retraining."""
    request = urllib.request.Request(  # noqa: S310  # the address is the operator's own
        f"{url.rstrip('/')}/retrain",
        method="POST",
        headers={"Authorization": f"Bearer {read_key(settings.serving.keys)}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # nosec B310
            return int(json.load(answer)["id"])
    except urllib.error.HTTPError as error:
        raise InvalidSetting(f"Serving at {url} refused the retraining: {error}.") from None
    except (OSError, ValueError, KeyError) as error:
        raise InvalidSetting(f"Serving at {url} did not take the retraining: {error}.") from None


def read_key(keys: Path) -> str:
    """The admin key in ADMIN_KEY, or in the file that serving made beside its hashes."""
    if key := os.environ.get(KEY_VARIABLE, "").strip():
        return key
    try:
        return keys.with_name("admin.key").read_text().strip()
    except OSError:
        path = keys.with_name("admin.key")
        raise InvalidSetting(f"No admin key: set {KEY_VARIABLE}, or put it into {path}.") from None


if __name__ == "__main__":
    run(main)
