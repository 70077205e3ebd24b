"""What is told of a decision holds no secret, and nothing is opened for what was told already."""

import pytest

from pipeline.settings import InvalidSetting
from scripts.tracking.decision_run import describe_parameters, name_experiment
from scripts.tracking.mlflow_sink import find_page


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("digits", "boucle-digits"),
        ("own/table.csv.gz", "boucle-table.csv"),
        ("https://example.org/rows.csv?key=very.secret", "boucle-rows"),
        ("postgresql://me:very.secret@db/customers", "boucle-customers"),
    ],
)
def test_the_name_of_the_experiment_is_the_dataset_and_no_secret(settings, source, name):
    assert name_experiment(settings(dataset__source=source)) == name


@pytest.mark.parametrize(
    ("knobs", "page"),
    [
        ({"uri": "sqlite:///mlflow.db"}, ""),
        ({"uri": "http://me:very.secret@mlflow:5000/"}, "http://mlflow:5000"),
        ({"uri": "http://mlflow:5000", "page": "https://a.example/ml"}, "https://a.example/ml"),
    ],
)
def test_the_page_of_mlflow_is_one_of_the_web_and_no_secret(settings, knobs, page):
    told = settings(**{f"tracking__mlflow_{name}": value for name, value in knobs.items()})
    assert find_page(told.tracking) == page


@pytest.mark.parametrize("page", ["javascript:alert(1)", "http://me:secret@mlflow", "mlflow:5000"])
def test_an_address_that_is_no_page_is_refused(settings, page):
    with pytest.raises(InvalidSetting):
        settings(tracking__mlflow_page=page)


def test_the_address_of_the_dataset_is_no_parameter(settings):
    told = describe_parameters(
        settings(dataset__source="https://me:secret@example.org/a.csv"), None
    )
    assert "secret" not in str(told)
    assert told["embedding.method"]
