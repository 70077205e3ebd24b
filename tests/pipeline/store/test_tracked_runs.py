"""Each version links to the run that made it, whatever is decided about it later."""

from pipeline.store.tracked_runs import TrackedRun, read_run_pages, write_runs

MADE = TrackedRun("decision-1", "0002", 10.0, "http://127.0.0.1:5000/#/experiments/1/runs/made")
BACK = TrackedRun("decision-9", "0002", 90.0, "http://127.0.0.1:5000/#/experiments/1/runs/back")
FAILED = TrackedRun("decision-2", "", 20.0, "http://127.0.0.1:5000/#/experiments/1/runs/failed")


def test_a_version_has_the_page_of_the_run_that_made_it(store):
    for runs in ([BACK, FAILED], [MADE, BACK], [MADE]):
        with store.begin() as connection:
            write_runs(connection, runs)
    with store.connect() as connection:
        assert read_run_pages(connection) == {"0002": MADE.url}


def test_a_run_that_moved_has_its_new_address(store):
    moved = TrackedRun(MADE.key, MADE.version, MADE.at, "https://mlflow.example.org/#/runs/made")
    for run in (MADE, moved):
        with store.begin() as connection:
            write_runs(connection, [run])
    with store.connect() as connection:
        assert read_run_pages(connection) == {"0002": moved.url}
