"""The page of settings shows config.toml, and config.toml every setting with its default."""

import tomllib

from docs.settings import PAGE, ROOT, fill
from pipeline.settings import Settings


def test_the_page_shows_the_settings_as_they_are():
    """`make docs` writes it anew."""
    assert PAGE.read_text() == fill(PAGE.read_text(), (ROOT / "config.toml").read_text())


def test_every_setting_is_on_the_page():
    page = PAGE.read_text()
    for table, field in Settings.model_fields.items():
        section = page.partition(f"### [{table}]")[2].partition("\n### ")[0]
        for name in field.annotation.model_fields:
            assert f"| `{name}` |" in section, f"{table}.{name}"


def test_the_page_has_nothing_that_is_no_setting():
    config = tomllib.loads((ROOT / "config.toml").read_text())
    assert PAGE.read_text().count("\n| `") >= sum(len(table) for table in config.values())
