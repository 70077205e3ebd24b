"""What is told of a decision holds no secret, and nothing is opened for what was told already."""

import pytest

from scripts.tracking.decision_run import describe_parameters, name_experiment


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


def test_the_address_of_the_dataset_is_no_parameter(settings):
    told = describe_parameters(
        settings(dataset__source="https://me:secret@example.org/a.csv"), None
    )
    assert "secret" not in str(told)
    assert told["embedding.method"]
