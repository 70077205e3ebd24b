"""The examples that OpenAPI shows: of a model that tells benign tumours from malignant ones."""

from typing import Any

FEATURES: dict[str, Any] = {
    "mean_radius": 13.37,
    "mean_texture": 18.84,
    "mean_perimeter": 86.24,
    "mean_area": 551.1,
    "mean_smoothness": 0.09587,
}
ROW = list(FEATURES.values())
PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTjw8gAAAABJRU5ErkJggg=="
)
REASON = "promoted: better: on 120 recent rows it alone is right on 14, the live version alone on 4"
PREDICTION: dict[str, Any] = {
    "prediction_id": "01a1fdc04c728bcff436a3ce4ea51d7b",
    "prediction": "benign",
    "probabilities": {"benign": 0.93, "malignant": 0.07},
    "model_version": "0003",
}
OBSERVATIONS = [{"features": FEATURES}, {"features": ROW}, {"image": PICTURE}]
ROWS = {"rows": [FEATURES, ROW]}
PREDICTIONS = {"predictions": [PREDICTION]}
FEEDBACK = [
    {"prediction_id": PREDICTION["prediction_id"], "target": "malignant"},
    {
        "features": FEATURES,
        "prediction": "benign",
        "target": "malignant",
        "feedback_id": "ward-7-12",
    },
]
RECEIPT = {
    "feedback_id": "01a1fdc0b5bf8cdcd77d8dbf8bb6391b",
    "rows": 120,
    "retraining": {"every": 50, "remaining": 30, "queued": False},
}
SCHEMA = {
    "kind": "tabular",
    "target": "diagnosis",
    "labels": ["benign", "malignant"],
    "features": [
        {
            "name": "mean_radius",
            "type": "number",
            "minimum": 6.981,
            "maximum": 28.11,
            "categories": [],
            "example": 13.37,
        }
    ],
    "image": None,
    "files": None,
}
MODEL = {
    "version": "0003",
    "parent": "0002",
    "created_at": "2026-11-21T10:00:00+00:00",
    "trigger": "every 50 rows",
    "embedding_id": "4fbd56f7309dbee7",
    "classes": ["benign", "malignant"],
    "classifier": {"name": "RandomForestClassifier", "parameters": {}},
    "served_by": "onnx",
    "rows": {"reference": 455, "production": 100, "holdout": 114},
    "scores": {"holdout": {"accuracy": 0.956, "balanced_accuracy": 0.953}, "recent": None},
}
MODELS = {"models": [{**MODEL, "live": True, "run_url": None}]}
READY = {"status": "ready", "model_version": "0003", "store": "up"}
METRICS = 'api_requests_total{handler="/predict",method="POST",status="200"} 128.0\n'
EXPLANATION = {
    "prediction_id": PREDICTION["prediction_id"],
    "model_version": "0003",
    "label": "benign",
    "baseline": 0.63,
    "probability": 0.97,
    "compared_rows": 50,
    "contributions": [{"feature": "mean_radius", "value": 13.9, "contribution": 0.34}],
}
IMPORTANCE = {
    "version": "0003",
    "parent": "0002",
    "score": "balanced_accuracy",
    "baseline": 0.93,
    "rows": 114,
    "repeats": 5,
    "features": [{"feature": "mean_radius", "mean": 0.04, "std": 0.01}],
    "change": [
        {
            "feature": "mean_radius",
            "before": 0.01,
            "after": 0.04,
            "change": 0.03,
            "beyond_noise": True,
        }
    ],
}
JOB = {"id": 7, "state": "queued"}
RETRAININGS = {
    "every": 50,
    "remaining": 30,
    "retrainings": [
        {
            "id": 6,
            "state": "promoted",
            "stage": "done",
            "progress": 1.0,
            "trigger": "every 50 rows",
            "actor": "count",
            "version": "0003",
            "reason": REASON,
            "numbers": {"rows": 100},
        }
    ],
}
ALERTS: dict[str, Any] = {
    "groupKey": '{}:{alertname="Drift"}',
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "Drift", "action": "retrain"},
            "startsAt": "2026-11-21T10:00:00Z",
        }
    ],
}
QUALITY = {
    "predictions": 1200,
    "confidence": 0.91,
    "expected_accuracy": 0.94,
    "labelled": 300,
    "to_come": 0.75,
    "accuracy": 0.93,
    "balanced_accuracy": 0.92,
}
HISTORY = {
    "from": 1790000000,
    "to": 1790003600,
    "step": "minute",
    "points": [{"at": 1790000040, **QUALITY}],
    "total": QUALITY,
    "labels": {
        "benign": {
            "predicted": 700,
            "labelled": 180,
            "expected_precision": 0.95,
            "precision": 0.94,
            "recall": 0.96,
            "actual": 176,
        }
    },
    "drift": [
        {"at": 1790000000.0, "features": []},
        {"at": 1790001200.0, "features": ["mean_area"]},
    ],
    "errors": [{"at": 1790000100, "refused": 3, "failed": 0}],
    "marks": [
        {
            "at": 1790001800.5,
            "state": "promoted",
            "version": "0003",
            "reason": REASON,
        }
    ],
}
LISTED: dict[str, Any] = {
    "prediction_id": PREDICTION["prediction_id"],
    "at": 1790001800.5,
    "model_version": "0003",
    "prediction": "benign",
    "confidence": 0.93,
}
FOUND = {"predictions": [{**LISTED, "target": "malignant", "corrected": True}], "next": None}
RECORD = {
    **LISTED,
    "subject": "order-17",
    "request_id": PREDICTION["prediction_id"],
    "probabilities": PREDICTION["probabilities"],
    "residual": 0.12,
    "features": FEATURES,
    "feedback": {
        "feedback_id": "01a1fdc0b5bf8cdcd77d8dbf8bb6391b",
        "target": "malignant",
        "at": 1790005400.0,
        "corrections": [
            {"at": 1790005500.0, "before": "benign", "after": "malignant", "actor": "feedback"}
        ],
    },
    "nearest": [
        {
            "prediction_id": "01a1fdbf07d13c3a9d1b1f6b7e3ce5f0",
            "prediction": "benign",
            "target": "benign",
            "distance": 0.4,
        }
    ],
}
REVIEW = {
    "lease_seconds": 600.0,
    "predictions": [
        {
            "prediction_id": PREDICTION["prediction_id"],
            "at": 1790001800.5,
            "model_version": "0003",
            "prediction": "benign",
            "why": "unsure",
            "until": 1790002400.5,
        }
    ],
}
ALERTED = {"queued": True, "id": 7, "reason": "asked for by an alert"}

INSPECTION = {
    "header": ["Fare", "Survived"],
    "rows": 891,
    "columns": [
        {
            "name": "Fare",
            "unknown": 0,
            "distinct": 248,
            "examples": ["8,05", "13", "7,8958"],
            "treatment": "number",
            "left_out": False,
            "notes": ["'8,05' is read as 8.05"],
            "warnings": [],
        }
    ],
    "labels": {"no": 549, "yes": 342},
    "notes": ["A semicolon stands between its columns."],
    "trouble": "",
    "settings": '[dataset]\nsource = "titanic.csv"\ntarget = "Survived"',
}
