"""The knobs of config.toml and the environment, checked once. Every service starts here."""

import difflib
import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

PREFIX = "BOUCLE_"
CONFIG_VARIABLE = "BOUCLE_CONFIG"


def _read_number(value: object) -> object:
    """A variable holds text; 20 in it is a count as it is in config.toml, not a share."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


Count = Annotated[int, Field(ge=1, strict=True)]
Share = Annotated[float, Field(gt=0, lt=1)]
CountOrShare = Annotated[Count | Share, BeforeValidator(_read_number)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]  # what scikit-learn takes


class WrongSetting(Exception):
    """A knob has a value that cannot be used; the text says which, what, and what is allowed."""


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatasetSettings(Table):
    source: Annotated[str, Field(min_length=1)] = "digits"
    kind: Literal["auto", "image", "tabular"] = "auto"
    target: Annotated[str, Field(min_length=1)] = "target"
    categorical: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    image_size: Annotated[int, Field(ge=4, le=128)] = 32
    colour: bool = False


class EmbeddingSettings(Table):
    components: CountOrShare = 0.95
    test_share: Annotated[float, Field(ge=0.05, le=0.5)] = 0.2
    seed: Seed = 0


class TrainingSettings(Table):
    classifier: str = "RandomForestClassifier"
    parameters: dict[str, Any] = {}
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    reference_rows: Annotated[int, Field(ge=200)] = 5000
    one_fit_rows: Annotated[int, Field(ge=1000)] = 50_000
    max_samples: Annotated[int, Field(ge=1000)] = 40_000
    parity_points: Annotated[int, Field(ge=10_000)] = 10_000
    importance_rows: Annotated[int, Field(ge=0)] = 200_000
    seed: Seed = 0


class ArtifactSettings(Table):
    folder: Path = Path("artifacts")
    keep: Annotated[int, Field(ge=2)] = 10
    grace_minutes: Annotated[float, Field(ge=0)] = 60
    signing_key: Path = Path("secrets/signing.key")


class StoreSettings(Table):
    url: Annotated[str, Field(min_length=1)] = "sqlite:///store/boucle.db"
    password_file: str = ""
    keep_days: Annotated[float, Field(gt=0)] = 90
    spool: Path = Path("store/spool")
    spool_rows: Annotated[int, Field(ge=1000)] = 100_000


class ServingSettings(Table):
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    published: str = ""
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    replicas: Annotated[int, Field(ge=1)] = 1
    require_keys: bool = False
    keys: Path = Path("secrets/keys.json")
    max_body_mb: Annotated[float, Field(gt=0, le=100)] = 10
    body_seconds: Annotated[float, Field(gt=0)] = 10


class RetrainingSettings(Table):
    every: Annotated[int, Field(ge=1)] = 50
    gate: Literal["on", "off"] = "on"
    tolerance: Annotated[float, Field(ge=0, le=1)] = 0.01
    max_holdout_drop: Annotated[float, Field(ge=0, le=1)] = 0.02
    max_holdout_drop_changed: Annotated[float, Field(ge=0, le=1)] = 0.5
    max_class_drop: Annotated[float, Field(ge=0, le=1)] = 0.3
    max_contradicted: Annotated[float, Field(ge=0, le=1)] = 0.7
    recent_rows: Annotated[int, Field(ge=10)] = 200
    least_recent: Annotated[int, Field(ge=1)] = 30
    rollback: bool = True
    rollback_rows: Annotated[int, Field(ge=10)] = 30
    attempts: Annotated[int, Field(ge=1)] = 3
    backoff_seconds: Annotated[float, Field(ge=0)] = 30
    timeout_seconds: Annotated[float, Field(gt=0)] = 1800
    memory_mb: Annotated[int, Field(ge=256)] = 8192
    patience_seconds: Annotated[float, Field(ge=0)] = 120
    lease_seconds: Annotated[float, Field(ge=1)] = 30
    cooldown_seconds: Annotated[float, Field(ge=0)] = 600
    schedule_hours: Annotated[float, Field(ge=0)] = 0


class ReportingSettings(Table):
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8083
    ui_port: Annotated[int, Field(ge=1, le=65535)] = 8082
    every_seconds: Annotated[float, Field(gt=0)] = 15
    window: Annotated[int, Field(ge=50, le=10_000)] = 500
    minimum_rows: Annotated[int, Field(ge=30)] = 200
    least_labelled: Annotated[int, Field(ge=10)] = 50
    alarm_share: Annotated[float, Field(gt=0, le=1)] = 0.3
    drift_methods: dict[str, Literal["ks", "psi", "z", "wasserstein"]] = {}
    snapshot_minutes: Annotated[float, Field(gt=0)] = 60
    keep_snapshots: Annotated[int, Field(ge=2, le=100)] = 50
    reports: Path = Path("reporting/reports")
    workspace: Path = Path("reporting/workspace")


class PathSettings(Table):
    data: Path = Path("data")
    archive: Path = Path("archive")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    dataset: DatasetSettings = DatasetSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    training: TrainingSettings = TrainingSettings()
    artifacts: ArtifactSettings = ArtifactSettings()
    store: StoreSettings = StoreSettings()
    serving: ServingSettings = ServingSettings()
    retraining: RetrainingSettings = RetrainingSettings()
    reporting: ReportingSettings = ReportingSettings()
    paths: PathSettings = PathSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is given
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, TomlConfigSettingsSource(settings_cls, config_file())


def config_file() -> Path:
    return Path(os.environ.get(CONFIG_VARIABLE, "config.toml"))


def load_settings() -> Settings:
    """Read config.toml and the environment, or raise WrongSetting with a sentence."""
    if CONFIG_VARIABLE in os.environ and not config_file().is_file():
        raise WrongSetting(f"{CONFIG_VARIABLE} names {config_file()}, which is not a file.")
    _refuse_unknown_variables(os.environ)
    try:
        return Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(f"{config_file()} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise WrongSetting(_explain(error)) from error
    except SettingsError as error:
        raise WrongSetting(_explain_unread(os.environ)) from error


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper() != CONFIG_VARIABLE:
            table = name.upper().removeprefix(PREFIX).split("__")[0].lower()
            if table not in Settings.model_fields:
                raise WrongSetting(f"{name}: {_unknown_table(table)}.")


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


def _holds_text(knob: list[str]) -> bool:
    """Whether a variable stands for a plain value, which needs no JSON."""
    default: Any = Settings.model_fields[knob[0]].default
    return len(knob) > 1 and not isinstance(getattr(default, knob[1], ""), tuple | dict)


def _explain(error: ValidationError) -> str:
    lines: dict[str, list[str]] = {}
    for problem in error.errors():
        knob = [str(part) for part in problem["loc"][:2]]
        if problem["type"] == "extra_forbidden":
            lines[".".join(knob)] = [_unknown_knob(knob)]
        else:
            said = lines.setdefault(".".join(knob), [])
            subject = f"{_origin(knob)} is {problem['input']!r}: " if not said else ""
            said.append(subject + problem["msg"])
    return "\n".join("; or ".join(said) + "." for said in lines.values())


def _origin(knob: list[str]) -> str:
    variable = PREFIX + "__".join(knob).upper()
    given = variable in (name.upper() for name in os.environ)
    return f"{'.'.join(knob)} ({variable if given else config_file()})"


def _unknown_knob(knob: list[str]) -> str:
    field = Settings.model_fields.get(knob[0])
    if field is None or len(knob) == 1:
        return f"{config_file()}: {_unknown_table(knob[0])}"
    known = list(field.annotation.model_fields)  # type: ignore[union-attr]
    return f"{_origin(knob)} is not a knob; {_suggest(knob[1], 'knobs', known)}"


def _unknown_table(table: str) -> str:
    return f"there is no table '{table}'; {_suggest(table, 'tables', list(Settings.model_fields))}"


def _suggest(given: str, what: str, known: list[str]) -> str:
    near = difflib.get_close_matches(given, known, n=1)
    return f"perhaps '{near[0]}' is meant" if near else f"the {what} are {', '.join(known)}"
