"""The bodies of requests and answers, as OpenAPI shows them."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, FailFast, Field, model_validator

from pipeline.data.schema import FILE_KINDS
from pipeline.history.subjects import LONGEST as LONGEST_SUBJECT
from serving.schemas import samples
from serving.schemas.files import WithFile
from serving.schemas.receipts import FEEDBACK_ID, LONGEST_LABEL

Label = Annotated[str, Field(max_length=LONGEST_LABEL)] | bool | int | float
Subject = Annotated[str, Field(min_length=1, max_length=LONGEST_SUBJECT)]
FeedbackId = Annotated[str, Field(pattern=f"^{FEEDBACK_ID}$")]


def strict(*examples: Any) -> ConfigDict:
    """Nothing is guessed: a wrong type and a name without meaning are refused."""
    return ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": list(examples)})


class Observation(WithFile):
    """Either features, by name or as a list, or a file as base64; or the features alone."""

    model_config = strict(*samples.OBSERVATIONS)

    features: dict[str, Any] | list[Any] | None = None
    subject: Subject | None = None  # whom or what it is about, in the caller's words

    @model_validator(mode="before")
    @classmethod
    def _features_alone(cls, body: Any) -> Any:
        """{"Pclass": 3, ...} is understood as {"features": {"Pclass": 3, ...}}."""
        plain = isinstance(body, dict) and body and not {"features", *FILE_KINDS} & body.keys()
        return {"features": body} if plain else body

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if len(self.files) + (self.features is not None) != 1:
            raise ValueError("give either features or one of image, audio and video")
        return self


class Rows(BaseModel):
    model_config = strict(samples.ROWS)

    rows: Annotated[
        list[dict[str, Any] | list[Any]], Field(min_length=1, max_length=1000), FailFast()
    ]
    subjects: list[Subject | None] | None = None  # of each row, in the same order

    @model_validator(mode="after")
    def _one_of_each_row(self) -> Self:
        if self.subjects is not None and len(self.subjects) != len(self.rows):
            raise ValueError(f"{len(self.subjects)} subjects given, {len(self.rows)} expected")
        return self


class FeedbackBody(WithFile):
    """The target of a prediction on record; or an observation, its prediction and its target."""

    model_config = strict(*samples.FEEDBACK)

    target: Label
    prediction_id: str | None = None
    subject: Subject | None = None  # its latest prediction is meant
    features: dict[str, Any] | list[Any] | None = None
    prediction: Label | None = None
    feedback_id: FeedbackId | None = None
    correct: bool = False  # replace an earlier target

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        known = [self.prediction_id is not None, self.subject is not None]
        if sum([*known, self.features is not None, len(self.files)]) != 1:
            raise ValueError("give one of prediction_id, subject, features, image, audio and video")
        if not any(known) and self.prediction is None:
            raise ValueError("with features or a file, give the prediction too")
        if any(known) and self.prediction is not None:
            raise ValueError("with a prediction_id the prediction is on record; leave it out")
        return self


class Prediction(BaseModel):
    """`warnings` and `understood` are there only where there is something to say."""

    prediction_id: str
    prediction: str
    probabilities: dict[str, float]
    model_version: str
    warnings: list[str] = []  # values far from all that was learned
    understood: dict[str, float | bool | str | None] = {}  # what text was taken for


class Predictions(BaseModel):
    predictions: list[Prediction]


class InspectedColumn(BaseModel):
    name: str
    unknown: int
    distinct: int
    examples: list[str]
    treatment: str
    left_out: bool
    notes: list[str]
    warnings: list[str]


class Inspection(BaseModel):
    """What a table holds; `trouble` says why it cannot be trained as it is, or nothing."""

    header: list[str]
    rows: int
    columns: list[InspectedColumn]
    labels: dict[str, int]
    notes: list[str]
    trouble: str
    settings: str


class ExplainBody(BaseModel):
    model_config = strict({"prediction_id": "01a1fd86da852a3e8e4e2c4e5ae92f8f"})

    prediction_id: str


class Contribution(BaseModel):
    """What a feature, or a block of pixels, added; the value that was observed where it is one."""

    feature: str
    contribution: float
    value: float | bool | str | None = None


class Explanation(BaseModel):
    """Baseline and contributions, the largest first, add up to the probability of the label."""

    prediction_id: str
    model_version: str
    label: str
    probability: float
    baseline: float
    compared_rows: int
    contributions: list[Contribution]


class FeatureImportance(BaseModel):
    feature: str
    mean: float
    std: float


class ImportanceChange(BaseModel):
    """`beyond_noise`: larger than shuffling alone would make it."""

    feature: str
    before: float
    after: float
    change: float
    beyond_noise: bool


class VersionImportance(BaseModel):
    version: str
    parent: str | None
    score: str
    baseline: float
    rows: int
    repeats: int
    features: list[FeatureImportance]
    change: list[ImportanceChange] | None


class RetrainingState(BaseModel):
    every: int
    remaining: int
    queued: bool


class FeedbackAnswer(BaseModel):
    feedback_id: str
    rows: int
    retraining: RetrainingState


class ErrorDetail(BaseModel):
    field: str
    reason: str


class ErrorContent(BaseModel):
    code: str
    message: str
    request_id: str
    details: list[ErrorDetail]


class Error(BaseModel):
    error: ErrorContent


class Alert(BaseModel):
    status: str
    labels: dict[str, Any] = {}
    startsAt: str = ""  # noqa: N815  # Alertmanager's name

    def asks_for_retraining(self) -> bool:
        return self.status == "firing" and self.labels.get("action") == "retrain"

    @property
    def name(self) -> str:
        return str(self.labels.get("alertname", "unnamed"))[:60]


class Alerts(BaseModel):
    """What Alertmanager sends; the fields that nobody needs here are ignored."""

    model_config = ConfigDict(json_schema_extra={"examples": [samples.ALERTS]})

    groupKey: str  # noqa: N815
    alerts: Annotated[list[Alert], Field(max_length=10_000), FailFast()]
