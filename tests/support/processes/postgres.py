"""A PostgreSQL cluster of the tests' own, from Debian's package, run as an ordinary user."""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg

from tests.support.processes.servers import free_port


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl, which Debian keeps out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Cluster:
    """Started and stopped at will."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="boucle-postgres-"))
        self._numbers = itertools.count()
        self.port = free_port()
        if os.getuid() == 0:  # PostgreSQL refuses to run as root
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "--username=boucle", "--auth=trust", "--no-sync", "--encoding=UTF8")

    @property
    def _url(self) -> str:
        return f"postgresql://boucle@127.0.0.1:{self.port}"

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, program: str, *options: str) -> None:
        as_user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        command = [*as_user, str(self._programs / program), f"--pgdata={self._data}", *options]
        with (self._folder / "commands.log").open("ab") as log:
            subprocess.run(command, check=True, cwd="/", stdout=log, stderr=log)

    def start(self, fsync: bool = False) -> "Cluster":
        synced = "on" if fsync else "off"
        own = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync={synced}"
        self._run("pg_ctl", "start", "--wait", f"--options={own}", f"--log={self._folder}/log")
        return self

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def remove(self) -> None:
        self.resume()
        self.stop()
        shutil.rmtree(self._folder)

    def pause(self) -> None:
        """Let it hang: connections stay, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    @property
    def pid(self) -> int:
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def _signal(self, number: signal.Signals) -> None:
        main = self.pid
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for pid in (main, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):  # a connection that just ended
                os.kill(pid, number)

    def make_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"records_{next(self._numbers)}"
        with psycopg.connect(f"{self._url}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"{self._url}/{name}"

    def clear_database(self) -> str:
        """The URL of a database that all may use in turn, emptied; quicker than a new one."""
        with psycopg.connect(f"{self._url}/postgres", autocommit=True) as connection:
            query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            for (table,) in connection.execute(query).fetchall():
                connection.execute(f"DELETE FROM {table}")
        return f"{self._url}/postgres"
