"""The tables of the records: one schema for SQLite and PostgreSQL."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()
Sequence = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts only INTEGER keys up

predictions = Table(
    "predictions",
    metadata,
    Column("seq", Sequence, primary_key=True),
    Column("id", Text, unique=True, nullable=False),
    Column("at", Double, nullable=False),
    Column("version", Text, nullable=False),
    Column("embedding_id", Text, nullable=False),
    Column("observation", LargeBinary, nullable=False),
    Column("vector", LargeBinary, nullable=False),
    Column("pca_residual", Double, nullable=False),
    Column("prediction", Text, nullable=False),
    Column("probabilities", LargeBinary, nullable=False),
)

feedback = Table(
    "feedback",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", Text, unique=True, nullable=False),
    Column("prediction_id", Text, unique=True),
    Column("at", Double, nullable=False),
    Column("predicted_at", Double),
    Column("version", Text),
    Column("embedding_id", Text, nullable=False),
    Column("observation", LargeBinary),  # where no prediction holds it
    Column("vector", LargeBinary, nullable=False),
    Column("pca_residual", Double, nullable=False),
    Column("prediction", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("observation_digest", LargeBinary),  # of an observation that was moved to the history
)

corrections = Table(  # `feedback` holds the target that is valid, this what it was before
    "corrections",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("feedback_seq", BigInteger, nullable=False),
    Column("feedback_id", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("actor", Text, nullable=False),
)

history = Table(  # sums of a minute, an hour or a day: pipeline/history/sums.py keeps them
    "history",
    metadata,
    Column("step", Integer, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("predicted", BigInteger, nullable=False),
    Column("confidence", Double, nullable=False),
    Column("calibrated", BigInteger, nullable=False),
    Column("expected", Double, nullable=False),
    Column("answered", BigInteger, nullable=False),
    Column("right", BigInteger, nullable=False),
    Column("actual", BigInteger, nullable=False),
)

request_errors = Table(  # requests that got no answer: pipeline/history/request_errors.py
    "request_errors",
    metadata,
    Column("step", Integer, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("refused", BigInteger, nullable=False),  # the request was to blame
    Column("failed", BigInteger, nullable=False),  # the service was
)

drift_log = Table(  # the features whose alarm holds, from a time on: pipeline/history/drift_log.py
    "drift_log",
    metadata,
    Column("at", Double, primary_key=True),
    Column("features", Text, nullable=False),
)

subjects = Table(  # whom or what predictions are about, where the caller said so
    "subjects",
    metadata,
    Column("prediction_id", Text, primary_key=True),
    Column("subject", Text, nullable=False),
)

request_ids = Table(  # of requests whose id is not that of the prediction
    "request_ids",
    metadata,
    Column("prediction_id", Text, primary_key=True),
    Column("request_id", Text, nullable=False),
)

previews = Table(  # a small picture of a sound or a film
    "previews",
    metadata,
    Column("prediction_id", Text, primary_key=True),
    Column("png", LargeBinary, nullable=False),
)

reviews = Table(  # predictions that somebody looks at, or looked at and skipped
    "reviews",
    metadata,
    Column("prediction_id", Text, primary_key=True),
    Column("until", Double, nullable=False),
)

retrainings = Table(
    "retrainings",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("every", Integer),
    Column("bucket", BigInteger),
    Column("request_key", Text, unique=True),
    Column("trigger", Text, nullable=False),
    Column("actor", Text),  # a key's name, "schedule", "alert", ...
    Column("state", Text, nullable=False),
    Column("stage", Text),
    Column("progress", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("requested_at", Double, nullable=False),
    Column("not_before", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("lease_owner", Text),
    Column("lease_until", Double),
    Column("parent", Text),
    Column("version", Text),
    Column("reason", Text),
    Column("numbers", Text),
    Column("foreign_model", Text),  # a file with a model that is judged in place of a training
    UniqueConstraint("every", "bucket"),
)

tracked_runs = Table(  # pages of MLflow: pipeline/store/tracked_runs.py
    "tracked_runs",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("url", Text, nullable=False),
)

history_files = Table(  # Parquet files with moved rows: pipeline/parquet_files/file_records.py
    "history_files",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("name", Text, unique=True, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("begin_key", Text, nullable=False),
    Column("end_key", Text, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
)

erasures = Table(  # that something was erased, and nothing of what it was
    "erasures",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("at", Double, nullable=False),
    Column("actor", Text, nullable=False),
    Column("criterion", Text, nullable=False),
    Column("predictions", BigInteger, nullable=False),
    Column("answers", BigInteger, nullable=False),
)

mirror = Table(
    "mirror",
    metadata,
    Column("name", Text, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("checksum", BigInteger, nullable=False),
)

state = Table(
    "state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
