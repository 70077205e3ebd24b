"""The tables of config.toml, their defaults and what is allowed; read by settings."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pipeline.ecs_log import LogFormat


def _read_number(value: object) -> object:
    """A variable holds text; 20 in it is a count as it is in config.toml, not a share."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value


Count = Annotated[int, Field(ge=1, strict=True)]
Share = Annotated[float, Field(gt=0, lt=1)]
Margin = Annotated[float, Field(ge=0, le=1)]
CountOrShare = Annotated[Count | Share, BeforeValidator(_read_number)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]  # what scikit-learn takes


class Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


DecimalMark = Literal["", ".", ","]
Order = Literal["", "year first", "day first", "month first"]


class ColumnSettings(Table):
    """What a column is, where it was not understood as a person would: [dataset.columns.NAME]."""

    type: Literal["auto", "number", "boolean", "category", "date", "text", "ignore"] = "auto"
    missing: tuple[str, ...] = ()
    decimal: DecimalMark = ""
    order: Order = ""


class DatasetSettings(Table):
    source: Annotated[str, Field(min_length=1)] = "digits"
    kind: Literal["auto", "image", "audio", "video", "tabular"] = "auto"
    target: Annotated[str, Field(min_length=1)] = "target"
    categorical: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    decimal: DecimalMark = ""
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    sheet: str = ""
    query: str = ""
    password_file: str = ""
    merge_case: bool = False
    bins: Annotated[int, Field(ge=2, le=20)] | Literal[0] = 0
    rare_labels: Literal["refuse", "drop", "join"] = "refuse"
    unreadable: Annotated[int, Field(ge=0)] = 10
    columns: dict[str, ColumnSettings] = {}
    image_size: Annotated[int, Field(ge=4, le=128)] = 32
    colour: bool = False
    extractor: str = ""
    extractor_mean: tuple[float, ...] = ()
    extractor_std: tuple[float, ...] = ()


class MediaSettings(Table):
    seconds: Annotated[float, Field(gt=0, le=3600)] = 60
    pixels: Annotated[int, Field(ge=10_000, le=100_000_000)] = 9_000_000
    decode_seconds: Annotated[float, Field(gt=0, le=300)] = 15


class EmbeddingSettings(Table):
    method: Literal["auto", "pca", "features"] = "auto"
    pipeline: Annotated[str, Field(pattern=r"^(|[\w.]+:\w+)$")] = ""
    components: CountOrShare = 0.95
    test_share: Annotated[float, Field(ge=0.05, le=0.5)] = 0.2
    seed: Seed = 0


class TrainingSettings(Table):
    classifier: Annotated[str, Field(min_length=1)] = "auto"
    parameters: dict[str, Any] = {}
    folds: Annotated[int, Field(ge=2, le=20)] = 3
    reference_rows: Annotated[int, Field(ge=200)] = 5000
    max_samples: Annotated[int, Field(ge=1000)] = 40_000
    production_rows: Annotated[int, Field(ge=1000)] = 200_000
    parity_points: Annotated[int, Field(ge=10_000)] = 10_000
    importance_rows: Annotated[int, Field(ge=0)] = 200_000
    engine: Literal["local", "dask"] = "local"
    dask_scheduler: str = ""
    seed: Seed = 0


class ArtifactSettings(Table):
    folder: Annotated[str, Field(min_length=1)] = "artifacts"
    cache: Path = Path("cache/artifacts")
    pickles: str = ""
    keep: Annotated[int, Field(ge=2)] = 10
    grace_minutes: Annotated[float, Field(ge=0)] = 60
    signing_key: Path = Path("secrets/signing.key")
    trusted: tuple[str, ...] = ("lightgbm", "xgboost")


class StoreSettings(Table):
    url: Annotated[str, Field(min_length=1)] = "sqlite:///store/boucle.db"
    password_file: str = ""
    keep_days: Annotated[float, Field(gt=0)] = 90
    history: str = ""
    spool: Path = Path("store/spool")
    spool_rows: Annotated[int, Field(ge=1000)] = 100_000
    spool_mb: Annotated[float, Field(gt=0)] = 500


class LogSettings(Table):
    format: LogFormat = "auto"
    events: bool = False
    features: bool = False
    folder: Path = Path("logs")
    rotate_mb: Annotated[float, Field(gt=0)] = 50
    keep: Annotated[int, Field(ge=2)] = 10


class TrackingSettings(Table):
    mlflow_uri: str = ""
    mlflow_page: Annotated[str, Field(pattern=r"^(|https?://[^\s@]+)$")] = ""
    experiment: str = ""
    follow_alias: bool = False
    webhook_host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    webhook_port: Annotated[int, Field(ge=0, le=65535)] = 0
    webhook_secret_file: str = ""
    dvclive_folder: str = ""


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

    @property
    def most_bytes(self) -> int:
        """Of a body."""
        return int(self.max_body_mb * 1_000_000)


class AccessSettings(Table):
    hosts: tuple[str, ...] = ()


class RetrainingSettings(Table):
    every: Annotated[int, Field(ge=1)] = 50
    gate: Literal["on", "off"] = "on"
    data_tests: Literal["warn", "block", "off"] = "warn"
    max_contradicted: Annotated[float, Field(ge=0, le=1)] = 0.7
    recent_rows: Annotated[int, Field(ge=10)] = 200
    least_recent: Annotated[int, Field(ge=1)] = 30
    shadow_rows: Annotated[int, Field(ge=0, le=10_000)] = 0
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


class DataTestSettings(Table):
    missing: Margin = 0.05
    out_of_range: Margin = 0.01
    new_category: Margin = 0.01
    duplicates: Margin = 0.05
    number_drift: Annotated[float, Field(gt=0)] = 0.5
    category_drift: Margin = 0.3
    label_share: Margin = 0.2
    accuracy: Margin = 0.1
    minimum_rows: Annotated[int, Field(ge=10)] = 30


class ReportingSettings(Table):
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8083
    ui_port: Annotated[int, Field(ge=1, le=65535)] = 8082
    ui_idle_minutes: Annotated[float, Field(ge=0)] = 10
    every_seconds: Annotated[float, Field(gt=0)] = 15
    window: Annotated[int, Field(ge=50, le=10_000)] = 500
    minimum_rows: Annotated[int, Field(ge=30)] = 200
    least_labelled: Annotated[int, Field(ge=10)] = 50
    window_spread: Annotated[int, Field(ge=1, le=100)] = 1
    reference_rows: Annotated[int, Field(ge=200, le=50_000)] = 4_000
    false_alarms_per_year: Annotated[float, Field(gt=0, le=1_000)] = 1
    snapshot_minutes: Annotated[float, Field(gt=0)] = 60
    keep_snapshots: Annotated[int, Field(ge=2, le=100)] = 50
    reports: Path = Path("reporting/reports")
    workspace: Path = Path("reporting/workspace")


class PathSettings(Table):
    data: Path = Path("data")
    archive: Path = Path("archive")
