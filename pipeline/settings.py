"""Reads config.toml and the environment, once. Every service starts here."""

import difflib
import json
import logging
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from pipeline.setting_tables import (
    AccessSettings,
    ArtifactSettings,
    DatasetSettings,
    DataTestSettings,
    EmbeddingSettings,
    LogSettings,
    MediaSettings,
    PathSettings,
    ReportingSettings,
    RetrainingSettings,
    ServingSettings,
    StoreSettings,
    TrackingSettings,
    TrainingSettings,
)

log = logging.getLogger(__name__)

PREFIX = "BOUCLE_"
CONFIG_VARIABLE = "BOUCLE_CONFIG"
RETIRED = {  # settings of earlier releases: an installation that still has one goes on
    "training": {"one_fit_rows"},
    "retraining": {
        "tolerance",
        "max_holdout_drop",
        "max_holdout_drop_changed",
        "max_class_drop",
    },
    "reporting": {"alarm_share", "drift_methods"},
}


class InvalidSetting(Exception):
    """A setting has a value that cannot be used; the text says which, what, and what is allowed."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    dataset: DatasetSettings = DatasetSettings()
    media: MediaSettings = MediaSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    training: TrainingSettings = TrainingSettings()
    artifacts: ArtifactSettings = ArtifactSettings()
    store: StoreSettings = StoreSettings()
    serving: ServingSettings = ServingSettings()
    access: AccessSettings = AccessSettings()
    retraining: RetrainingSettings = RetrainingSettings()
    data_tests: DataTestSettings = DataTestSettings()
    reporting: ReportingSettings = ReportingSettings()
    logs: LogSettings = LogSettings()
    tracking: TrackingSettings = TrackingSettings()
    paths: PathSettings = PathSettings()

    @property
    def watching(self) -> ReportingSettings:
        """What reporting goes by: who retrains every few rows is told of drift as soon."""
        wanted, every = self.reporting, self.retraining.every
        least = {
            "minimum_rows": min(wanted.minimum_rows, max(30, 4 * every)),
            "least_labelled": min(wanted.least_labelled, max(10, every)),
        }
        return wanted.model_copy(update=least)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is given
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file_settings = TomlConfigSettingsSource(settings_cls, config_file())
        return _WithoutRetired(settings_cls, env_settings), _WithoutRetired(
            settings_cls, file_settings
        )


class _WithoutRetired(PydanticBaseSettingsSource):
    """What a source says, without the settings that are no more; of these it is told once."""

    def __init__(self, settings: type[BaseSettings], source: PydanticBaseSettingsSource) -> None:
        super().__init__(settings)
        self._source = source

    def get_field_value(self, field: Any, field_name: str) -> Any:
        return self._source.get_field_value(field, field_name)

    def __call__(self) -> dict[str, Any]:
        found = self._source()
        for table, retired in RETIRED.items():
            given = found.get(table)
            if not isinstance(given, dict):
                continue
            for name in sorted(retired & given.keys()):
                del given[name]
                log.warning("%s.%s is no setting any more and is ignored.", table, name)
        return found


def config_file() -> Path:
    return Path(os.environ.get(CONFIG_VARIABLE, "config.toml"))


def load_settings() -> Settings:
    """Read config.toml and the environment, or raise InvalidSetting with a sentence."""
    if CONFIG_VARIABLE in os.environ and not config_file().is_file():
        raise InvalidSetting(f"{CONFIG_VARIABLE} names {config_file()}, which is not a file.")
    _refuse_unknown_variables(os.environ)
    try:
        return Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{config_file()} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise InvalidSetting(_explain(error)) from error
    except SettingsError as error:
        raise InvalidSetting(_explain_unread(os.environ)) from error


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper() != CONFIG_VARIABLE:
            table = name.upper().removeprefix(PREFIX).split("__")[0].lower()
            if table not in Settings.model_fields:
                raise InvalidSetting(f"{name}: {_unknown_table(table)}.")


def _explain_unread(environment: Mapping[str, str]) -> str:
    """pydantic-settings names the table alone; name the variable that holds no JSON."""
    for name, value in environment.items():
        if name.upper().startswith(PREFIX) and name.upper() != CONFIG_VARIABLE:
            try:
                json.loads(value)
            except ValueError:
                if not _holds_text(name.upper().removeprefix(PREFIX).lower().split("__")):
                    wanted = """JSON, such as ["id"] for a list or {"n_estimators": 200}"""
                    return f"{name} is {value!r}; it must be {wanted}."
    return f"A {PREFIX} variable cannot be read."


def _holds_text(setting: list[str]) -> bool:
    """Whether a variable stands for a plain value, which needs no JSON."""
    default: Any = Settings.model_fields[setting[0]].default
    return len(setting) > 1 and not isinstance(getattr(default, setting[1], ""), tuple | dict)


def _explain(error: ValidationError) -> str:
    lines: dict[str, list[str]] = {}
    for problem in error.errors():
        setting = [str(part) for part in problem["loc"][:2]]
        if problem["type"] == "extra_forbidden":
            lines[".".join(setting)] = [_unknown_setting(setting)]
        else:
            said = lines.setdefault(".".join(setting), [])
            subject = f"{_origin(setting)} is {problem['input']!r}: " if not said else ""
            said.append(subject + problem["msg"])
    return "\n".join("; or ".join(said) + "." for said in lines.values())


def _origin(setting: list[str]) -> str:
    variable = PREFIX + "__".join(setting).upper()
    given = variable in (name.upper() for name in os.environ)
    return f"{'.'.join(setting)} ({variable if given else config_file()})"


def _unknown_setting(setting: list[str]) -> str:
    field = Settings.model_fields.get(setting[0])
    if field is None or len(setting) == 1:
        return f"{config_file()}: {_unknown_table(setting[0])}"
    known = list(field.annotation.model_fields)  # type: ignore[union-attr]
    return f"{_origin(setting)} is not a setting; {_suggest(setting[1], 'settings', known)}"


def _unknown_table(table: str) -> str:
    return f"there is no table '{table}'; {_suggest(table, 'tables', list(Settings.model_fields))}"


def _suggest(given: str, what: str, known: list[str]) -> str:
    near = difflib.get_close_matches(given, known, n=1)
    return f"perhaps '{near[0]}' is meant" if near else f"the {what} are {', '.join(known)}"
