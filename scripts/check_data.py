"""Tests a table, or the latest feedback, against the reference of the live version.

The tests are `python -m reporting.data_check.check`, in a process of its own, because Evidently is
imported by reporting alone. The exit code is for CI and schedulers: 0 when all tests pass, 3 when
one fails, 1 when nothing could be tested.
"""

import subprocess
import sys
from collections.abc import Sequence

from scripts.cli.command import CommandError, run


def main(arguments: Sequence[str] | None = None) -> None:
    given = sys.argv[1:] if arguments is None else arguments
    command = [sys.executable, "-m", "reporting.data_check.check", *given]
    code = subprocess.run(command, check=False).returncode
    if code < 0:
        raise CommandError(f"The tests were ended by signal {-code}, perhaps for want of memory.")
    sys.exit(code)


if __name__ == "__main__":
    run(main)
