"""POST /feedback, over SQLite and over PostgreSQL with two workers."""

import base64
import threading

import pytest
from sqlalchemy import func, select, update

from pipeline.production.csv_mirror import export_feedback
from pipeline.registry.prepared import columns_in_use
from pipeline.setting_tables import StoreSettings
from pipeline.store.database import connect
from pipeline.store.encoding import unpack
from pipeline.store.tables import feedback, predictions, retrainings
from tests.support.models_and_records.stores import STORES
from tests.support.processes.servers import serving, wait_for

EVERY = 20


@pytest.fixture(scope="module", params=STORES)
def server(request, digits, tmp_path_factory):
    folder, knobs = tmp_path_factory.mktemp("feedback"), {"RETRAINING__EVERY": str(EVERY)}
    if request.param == "postgresql":
        knobs["STORE__URL"] = request.getfixturevalue("postgres").make_database()
        knobs["SERVING__WORKERS"] = "2"
    with serving(digits.copy(folder, **knobs)) as server:
        yield server


@pytest.fixture
def records(server):
    engine = connect(StoreSettings(url=server.installation.settings().store.url))
    with engine.execution_options(readonly=True).connect() as connection:
        yield connection
    engine.dispose()


def pixels(shade=3.0):
    return [shade] * 64


def give(server, **body):
    return server.client.post("/feedback", json=body)


def predict_and_give(server, target="7", **more):
    number = server.predict(pixels())["prediction_id"]
    return give(server, prediction_id=number, target=target, **more)


def error(answer, status):
    assert answer.status_code == status, answer.text
    return answer.json()["error"]


def test_feedback_by_prediction_id_is_recorded(server, records):
    answer = predict_and_give(server)
    assert answer.status_code == 201
    found = answer.json()
    assert found["retraining"]["every"] == EVERY
    assert found["retraining"]["remaining"] == EVERY - found["rows"] % EVERY
    row = records.execute(select(feedback).where(feedback.c.id == found["feedback_id"])).one()
    assert (row.target, row.version, row.seq) == ("7", "0001", found["rows"])


def test_feedback_in_the_form_of_the_course_is_embedded_again(server, records):
    answer = give(server, features=pixels(), prediction=3, target=8)
    predicted = server.predict(pixels())["prediction_id"]
    row = records.execute(
        select(feedback).where(feedback.c.id == answer.json()["feedback_id"])
    ).one()
    vector = records.scalar(select(predictions.c.vector).where(predictions.c.id == predicted))
    assert unpack(row.vector) == pytest.approx(unpack(vector))
    assert (row.prediction, row.target, row.prediction_id) == ("3", "8", None)


def test_feedback_with_a_picture(server, digits):
    picture = (digits.folder / "data" / "samples" / "digit_7_1.png").read_bytes()
    text = base64.b64encode(picture).decode()
    assert give(server, image=text, prediction="1", target="7").status_code == 201


@pytest.mark.parametrize("target", [7, 7.0, "7"])
def test_a_label_may_be_a_number_or_text(server, records, target):
    number = predict_and_give(server, target=target).json()["feedback_id"]
    assert records.scalar(select(feedback.c.target).where(feedback.c.id == number)) == "7"


def test_feedback_may_come_days_later(server, records):
    number = server.predict(pixels())["prediction_id"]
    older = update(predictions).where(predictions.c.id == number).values(at=1_700_000_000.0)
    with records.engine.execution_options(readonly=False).begin() as connection:
        connection.execute(older)
    assert give(server, prediction_id=number, target="7").status_code == 201


def test_a_replay_is_answered_200_and_counts_once(server):
    number = server.predict(pixels())["prediction_id"]
    first, again = (give(server, prediction_id=number, target="7") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["feedback_id"] == again.json()["feedback_id"]
    assert first.json()["rows"] == again.json()["rows"]


def test_a_feedback_id_makes_the_form_of_the_course_safe_to_send_again(server):
    body = {"features": pixels(), "prediction": "3", "target": "8", "feedback_id": "mine-1"}
    first, again = give(server, **body), give(server, **body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert error(give(server, **{**body, "target": "9"}), 409)["code"] == "conflict"


def test_another_target_contradicts(server):
    number = server.predict(pixels())["prediction_id"]
    give(server, prediction_id=number, target="7")
    found = error(give(server, prediction_id=number, target="8"), 409)
    assert found["message"] == "Not recorded: this prediction already has another target."


@pytest.mark.parametrize("number", ["0" * 32, "", "x" * 100_000, "no such", "é", "a\x00b"])
def test_an_unknown_prediction_is_not_found(server, number):
    assert error(give(server, prediction_id=number, target="7"), 404)["code"] == "not_found"


@pytest.mark.parametrize("target", ["ten", 10, 7.5, "", 10**60, "x\x00"])
def test_an_unknown_label_is_refused_with_those_there_are(server, target):
    found = error(predict_and_give(server, target=target), 422)
    reason = "is not a label of this dataset; the labels are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert found["details"] == [{"field": "target", "reason": reason}]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"target": "7"},
        {"prediction_id": "a"},
        {"prediction_id": "a", "target": None},
        {"prediction_id": "a", "target": ["7"]},
        {"prediction_id": "a", "target": "7", "prediction": "7"},
        {"prediction_id": "a", "target": "7", "features": [1.0]},
        {"features": [1.0] * 64, "target": "7"},
        {"features": [1.0] * 63, "target": "7", "prediction": "7"},
        {"features": [1.0] * 64, "target": "7", "prediction": "ten"},
        {"prediction_id": "a", "target": "7", "feedback_id": "no spaces"},
        {"prediction_id": "a", "target": "7", "feedback_id": "x" * 65},
        {"prediction_id": 7, "target": "7"},
        {"prediction_id": "a", "target": "7", "more": 1},
    ],
)
def test_a_body_of_neither_form_is_refused(server, body):
    assert error(give(server, **body), 422)["code"] == "invalid"


def test_many_writers_make_one_retraining_for_each_k_rows(server, records):
    before = records.scalar(select(func.count()).select_from(feedback))
    failures = []

    def write():
        with server.connect() as client:
            for _ in range(15):
                number = client.post("/predict", json={"features": pixels()}).json()[
                    "prediction_id"
                ]
                answer = client.post("/feedback", json={"prediction_id": number, "target": "7"})
                if answer.status_code != 201:
                    failures.append(answer.text)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    records.rollback()
    numbers = records.scalars(select(feedback.c.seq).order_by(feedback.c.seq)).all()
    buckets = records.scalars(select(retrainings.c.bucket).order_by(retrainings.c.bucket)).all()
    assert numbers == list(range(1, before + 121))
    assert buckets == list(range(1, len(numbers) // EVERY + 1))


def test_the_mirror_follows(server, records):
    path = server.installation.folder / "data" / "prod_data.csv"
    predict_and_give(server)
    columns = columns_in_use(server.installation.artifacts())
    wait_for(lambda: path.read_bytes() == export_feedback(records, columns))
    assert path.read_text().startswith("PCA_1,PCA_2,")
    assert path.read_text().splitlines()[0].endswith(",target,prediction")


def test_feedback_is_counted_by_outcome(server):
    names = {
        o: f'feedback_total{{outcome="{o}"}}'
        for o in ("recorded", "replayed", "conflict", "unknown")
    }
    before = server.metrics()
    number = server.predict(pixels())["prediction_id"]
    for target in ("7", "7", "8"):
        give(server, prediction_id=number, target=target)
    give(server, prediction_id="unheard", target="7")
    after = server.metrics()
    assert {o: after[n] - before.get(n, 0) for o, n in names.items()} == dict.fromkeys(names, 1)
    rows = give(server, prediction_id=number, target="7").json()["rows"]
    assert after["feedback_rows_until_retraining"] == EVERY - rows % EVERY


@pytest.mark.parametrize(("given", "label"), [(True, "1"), (False, "0"), (1, "1"), (0.0, "0")])
def test_true_and_false_are_labels_too(mixed_server, given, label):
    body = {"features": [None] * 5, "prediction": label, "feedback_id": f"{given}-{label}"}
    assert give(mixed_server, **body, target=given).status_code in (200, 201)
    assert give(mixed_server, **body, target=label).status_code == 200
