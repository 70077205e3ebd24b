"""Asks OSV for known holes in the pinned packages: `make audit`, and `make check` where it answers.

`python -m scripts.supply_chain.audit [--if-reachable] [--url ...]`. pip-audit does it, once OSV has
answered a question within seconds: by itself it takes a minute to find no network.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import requests

from scripts.cli.command import CommandError, run

URL = "https://api.osv.dev/v1/query"
PINNED = (
    "constraints.txt",
    "scripts/tracking/requirements.txt",
    "scripts/tracking/requirements-dvclive.txt",
)
QUESTION = {"package": {"name": "pip", "ecosystem": "PyPI"}, "version": "26.3"}
PATIENCE_S = 3


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.supply_chain.audit", description=__doc__
    )
    parser.add_argument("--if-reachable", action="store_true", help="where OSV is away, go on")
    parser.add_argument("--url", default=URL, help="where OSV is asked; %(default)s")
    parser.add_argument("files", nargs="*", metavar="FILE", help="with ==; ours, unless named")
    options = parser.parse_args()
    if answers(options.url):
        audit(options.url, options.files or PINNED)
    elif options.if_reachable:
        print(f"pip-audit did not run: {options.url} does not answer.")
    else:
        raise CommandError(f"{options.url} does not answer, so nothing is known of the packages.")


def answers(url: str) -> bool:
    """Another's page, as of a network that asks for a login, is no answer."""
    try:
        answer = requests.post(url, json=QUESTION, timeout=PATIENCE_S)
        return answer.ok and isinstance(answer.json(), dict)
    except requests.RequestException:
        return False


def audit(url: str, files: list[str] | tuple[str, ...]) -> None:
    """Ends the command as pip-audit ended: with 1 if it found something."""
    program = Path(sys.executable).with_name("pip-audit")
    options = ["--no-deps", "--disable-pip", "--progress-spinner", "off"]
    options += ["--vulnerability-service", "osv", "--osv-url", url]
    options += [part for file in files for part in ("--requirement", file)]
    sys.exit(subprocess.run([program, *options], check=False).returncode)


if __name__ == "__main__":
    run(main)
