"""Writes the tables of settings in configuration.md from config.toml: `make docs`."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "configuration.md"
BEGIN, END = "<!-- settings -->", "<!-- end of settings -->"
LINE = re.compile(r"(\w+) = (.+?) +# (.+)")


def write_tables(config: str) -> Iterator[str]:
    for line in config.splitlines():
        if line.startswith("["):
            yield f"\n### {line}\n\n| setting | default | meaning |\n| --- | --- | --- |"
        elif found := LINE.fullmatch(line):
            name, default, meaning = (part.replace("|", "\\|") for part in found.groups())
            yield f"| `{name}` | `{default}` | {meaning} |"


def fill(page: str, config: str) -> str:
    """The page with the settings between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = "\n".join(write_tables(config))
    return f"{before}{BEGIN}\n{tables}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(), (ROOT / "config.toml").read_text()))
