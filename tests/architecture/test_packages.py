"""Packages are named in the requirements of their folder, and pyproject.toml names these files."""

import re
import tomllib

from tests.support.processes.servers import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FILES = list(ROOT.glob("[a-z]*/**/requirements*.txt"))
NOT_INSTALLED = {  # a part of reporting's; what other tools need that benchmarks compare with
    "reporting/exporter/requirements.txt",
    "benchmarks/streams/requirements.txt",
}


def names(lines):
    return {re.split(r"[^\w-]", line)[0] for line in lines if line[:1].isalpha()}


def test_every_file_of_requirements_is_an_extra_of_the_project():
    dynamic = PROJECT["tool"]["setuptools"]["dynamic"]
    groups = [dynamic["dependencies"], *dynamic["optional-dependencies"].values()]
    named = {path for group in groups for path in group["file"]}
    found = {path.relative_to(ROOT).as_posix() for path in FILES}
    assert named == found - NOT_INSTALLED


def test_what_developers_alone_need_is_named_in_their_group_alone():
    users = set().union(*(names(path.read_text().splitlines()) for path in FILES))
    assert names(PROJECT["dependency-groups"]["dev"]) & users == set()


def test_what_developers_need_is_pinned():
    pinned = names((ROOT / "constraints.txt").read_text().splitlines())
    assert names(PROJECT["dependency-groups"]["dev"]) - pinned == set()
