import pytest

from webapp.settings import load_settings


def test_the_defaults_are_those_of_make_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load_settings({})
    assert settings.serving == "http://127.0.0.1:8080"
    assert settings.predict_key == settings.feedback_key == settings.admin_key == ""
    assert settings.grafana == ""


def test_a_key_comes_from_its_variable_or_its_file(tmp_path):
    file = tmp_path / "admin.key"
    file.write_text("from-a-file\n")
    settings = load_settings({"API_KEY": " given ", "ADMIN_KEY_FILE": str(file)})
    assert settings.predict_key == "given"
    assert settings.feedback_key == "given"
    assert settings.admin_key == "from-a-file"


@pytest.mark.parametrize("address", ["http://serving-api:8080", "http://serving-api:8080/"])
def test_an_address_ends_without_a_slash(address):
    assert load_settings({"SERVING_URL": address}).serving == "http://serving-api:8080"
