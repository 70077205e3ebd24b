"""A real `python scripts/trainer.py` in a process of its own; used by the tests."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.models_and_records.installations import Installation

ROOT = Path(__file__).parents[3]


class TrainerProcess:
    """A worker over one installation; its log is a file."""

    def __init__(self, installation: Installation, name: str = "trainer") -> None:
        self.log = installation.folder / f"{name}.log"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("BOUCLE_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "scripts" / "trainer.py")],
                cwd=ROOT,
                env={**environment, **installation.environment, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def children(self) -> list[int]:
        """Its trainings."""
        pid = self.process.pid
        with contextlib.suppress(FileNotFoundError):
            return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    def hang(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """The worker alone, as the kernel does when memory is short."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.go_on()
        self.process.terminate()
        try:
            return self.process.wait(timeout=30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


@contextlib.contextmanager
def training(installation: Installation, name: str = "trainer") -> Iterator[TrainerProcess]:
    trainer = TrainerProcess(installation, name)
    try:
        yield trainer
    finally:
        trainer.stop()
