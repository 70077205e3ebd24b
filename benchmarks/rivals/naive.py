"""The course's app: pickles, scikit-learn for each request, a CSV that grows by a line."""

import csv
import os
from pathlib import Path
from typing import Any

import joblib
from fastapi import FastAPI
from pydantic import BaseModel

FOLDER = Path(os.environ["NAIVE_FOLDER"])

app = FastAPI()
scaler = joblib.load(FOLDER / "scaler.pkl")
pca = joblib.load(FOLDER / "pca.pkl")
model = joblib.load(FOLDER / "model.pkl")


class Observation(BaseModel):
    features: dict[str, float]


@app.post("/predict")
def predict(observation: Observation) -> dict[str, Any]:
    vector = pca.transform(scaler.transform([list(observation.features.values())]))
    prediction = int(model.predict(vector)[0])
    probabilities = model.predict_proba(vector)[0].tolist()
    with (FOLDER / "prod_data.csv").open("a", newline="") as file:
        csv.writer(file).writerow([*vector[0], prediction])
    return {"prediction": prediction, "probabilities": probabilities}
