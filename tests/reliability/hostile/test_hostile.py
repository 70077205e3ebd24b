"""Twenty thousand hostile requests: each is answered, none with a failure of ours."""

import json

import pytest

from tests.reliability.clients import Client, working
from tests.reliability.hostile.hostile_requests import make_requests

pytestmark = pytest.mark.reliability
REQUESTS, SENDERS = 20_000, 4


@pytest.mark.parametrize("name", ["cancer_server", "digits_server", "mixed_server"])
def test_hostile_requests_are_answered_and_refused(request, name):
    server, bad, answered = request.getfixturevalue(name), [], []
    examples = [f["example"] for f in server.client.get("/schema").json()["features"]]
    headers = {"authorization": f"Bearer {server.installation.key('admin')}"}

    def send(seed):
        with Client(server, **headers) as client:
            for sent in make_requests(examples, REQUESTS // 3 // SENDERS + 1, seed):
                try:
                    status, content = client.send(*sent)
                except Exception as error:
                    bad.append((sent[:2], sent[2][:200], repr(error)))
                    continue
                answered.append(status)
                wrong = status >= 400 and content and "error" not in json.loads(content)
                if status >= 500 or wrong:
                    bad.append((sent[:2], sent[2][:200], status, content[:300]))

    with working([lambda _, seed=seed: send(seed) for seed in range(SENDERS)]):
        pass
    assert not bad, (len(bad), bad[:5])
    assert len(answered) > REQUESTS // 3
    assert {400, 404, 405, 422} <= set(answered)
    assert server.predict(examples)
