"""The store's address: the password may come from a file, and a wrong address is a sentence."""

import pytest

from pipeline.knobs import StoreSettings
from pipeline.settings import WrongSetting
from pipeline.store import open_store

ADDRESS = "postgresql://boucle@postgres/boucle"


def test_the_password_comes_from_a_file(tmp_path):
    (tmp_path / "password").write_text("p@ss/word\n")
    engine = open_store(StoreSettings(url=ADDRESS, password_file=str(tmp_path / "password")))
    assert (engine.url.username, engine.url.password) == ("boucle", "p@ss/word")


def test_the_password_is_not_shown_where_the_address_is(tmp_path):
    (tmp_path / "password").write_text("secret")
    engine = open_store(StoreSettings(url=ADDRESS, password_file=str(tmp_path / "password")))
    assert "secret" not in repr(engine)


def test_a_password_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(WrongSetting, match=r"password_file names .*/none, no password"):
        open_store(StoreSettings(url=ADDRESS, password_file=str(tmp_path / "none")))
