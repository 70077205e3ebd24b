"""Packages are named in the requirements of their folder, and pyproject.toml names these files."""

import tomllib

from tests.support.servers import ROOT

NOT_INSTALLED = {  # a part of reporting's; what other tools need that benchmarks compare with
    "reporting/exporter/requirements.txt",
    "benchmarks/streams/requirements.txt",
}


def test_every_file_of_requirements_is_an_extra_of_the_project():
    dynamic = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["dynamic"]
    groups = [dynamic["dependencies"], *dynamic["optional-dependencies"].values()]
    named = {path for group in groups for path in group["file"]}
    found = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("[a-z]*/**/requirements*.txt")}
    assert named == found - NOT_INSTALLED
