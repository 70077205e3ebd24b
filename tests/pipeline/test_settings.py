"""The knobs: their defaults, what overrides them, and the sentence that refuses a wrong one."""

import re
import tomllib
from pathlib import Path

import pytest

from pipeline.settings import InvalidSetting, Settings, load_settings

CONFIG = Path(__file__).parents[2] / "config.toml"


def test_config_toml_holds_every_setting_with_its_default(workplace):
    written = tomllib.loads(CONFIG.read_text())
    assert written == Settings().model_dump(mode="json")


def test_config_toml_says_in_a_line_what_each_setting_means(workplace):
    lines = [line for line in CONFIG.read_text().splitlines() if re.match(r"\w+ = ", line)]
    assert len(lines) == sum(len(knobs) for knobs in Settings().model_dump().values())
    assert all(re.search(r"  # \w+", line) for line in lines)


def test_without_a_file_the_defaults_hold(workplace):
    assert load_settings().dataset.source == "digits"


def test_the_file_is_read(workplace):
    (workplace / "config.toml").write_text("[embedding]\ncomponents = 7\n")
    assert load_settings().embedding.components == 7


def test_a_variable_overrides_the_file_and_leaves_the_rest(workplace, monkeypatch):
    (workplace / "config.toml").write_text('[dataset]\nsource = "iris"\ntarget = "kind"\n')
    monkeypatch.setenv("BOUCLE_DATASET__SOURCE", "churn")
    dataset = load_settings().dataset
    assert (dataset.source, dataset.target) == ("churn", "kind")


@pytest.mark.parametrize(("text", "value"), [("20", 20), ("0.5", 0.5)])
def test_a_variable_may_hold_a_count_or_a_share(settings, text, value):
    components = settings(embedding__components=text).embedding.components
    assert (components, type(components)) == (value, type(value))


def test_a_variable_holds_a_list_as_json(settings):
    assert settings(dataset__ignore='["id"]').dataset.ignore == ("id",)


def test_boucle_config_names_another_file(workplace, monkeypatch):
    (workplace / "mine.toml").write_text('[dataset]\nsource = "iris"\n')
    monkeypatch.setenv("BOUCLE_CONFIG", "mine.toml")
    assert load_settings().dataset.source == "iris"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "DATASET__KIND",
            "img",
            "is 'img': Input should be 'auto', 'image', 'audio', 'video' or 'tabular'.",
        ),
        ("EMBEDDING__COMPONENTS", "0", "is 0: Input should be greater than or equal to 1; or "),
        ("EMBEDDING__COMPONENTS", "1.5", "Input should be less than 1."),
        ("EMBEDDING__SEED", "-1", "Input should be greater than or equal to 0."),
        ("ARTIFACTS__KEEP", "1", "is '1': Input should be greater than or equal to 2."),
        ("DATASET__COLOUR", "perhaps", "is 'perhaps': Input should be a valid boolean"),
        ("DATASET__SORCE", "x", "is not a setting; perhaps 'source' is meant."),
        ("DATASET__ZZZ", "x", "is not a setting; the settings are source, kind, target,"),
        ("DATASETT__SOURCE", "x", "there is no table 'datasett'; perhaps 'dataset' is meant."),
        ("DATASET__IGNORE", "id", "is 'id'; it must be JSON, such as [\"id\"]"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value_and_what_is_allowed(
    workplace, monkeypatch, variable, value, sentence
):
    monkeypatch.setenv(f"BOUCLE_{variable}", value)
    with pytest.raises(InvalidSetting) as refusal:
        load_settings()
    assert sentence in str(refusal.value)
    assert f"BOUCLE_{variable}" in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            "[dataset]\nsorce = 'x'",
            "dataset.sorce (config.toml) is not a setting; perhaps 'source'",
        ),
        ("[datset]\nsource = 'x'", "config.toml: there is no table 'datset'; perhaps 'dataset'"),
        ("[dataset]\nimage_size = 2", "dataset.image_size (config.toml) is 2: Input should be"),
        ("[dataset]\nignore = 'id'", "dataset.ignore (config.toml) is 'id': "),
        ("dataset = 3", "dataset (config.toml) is 3: "),
        ("[dataset", "config.toml is not valid TOML: "),
        ("\N{LATIN SMALL LETTER E WITH ACUTE}", "config.toml is not valid TOML: "),
    ],
)
def test_a_wrong_file_is_named_with_the_setting_and_what_is_allowed(workplace, content, sentence):
    (workplace / "config.toml").write_bytes(content.encode("latin-1"))
    with pytest.raises(InvalidSetting) as refusal:
        load_settings()
    assert sentence in str(refusal.value)


def test_every_wrong_setting_is_named_at_once(workplace):
    (workplace / "config.toml").write_text("[dataset]\nkind = 'img'\n[embedding]\nseed = -1\n")
    with pytest.raises(InvalidSetting, match=r"(?s)dataset\.kind.*\n.*embedding\.seed"):
        load_settings()


def test_a_file_that_is_named_and_missing_is_refused(workplace, monkeypatch):
    monkeypatch.setenv("BOUCLE_CONFIG", "nowhere.toml")
    with pytest.raises(InvalidSetting, match=r"BOUCLE_CONFIG names nowhere\.toml, which is not"):
        load_settings()
