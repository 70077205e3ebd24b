"""One service behind its short path and behind its routes alone; used by the tests of both."""

import asyncio
import json
from collections import Counter

from sqlalchemy import select

from pipeline.store import create_schema, predictions
from serving.api import create_api, wrap
from serving.boundary import Boundary
from serving.fastpath import FastPath
from serving.service import make_service
from serving.shortcuts import FeedbackShortcut, PredictShortcut


class Sent:
    """What uvicorn hands to an application: a request that has arrived whole."""

    more_body = False

    def __init__(self, content):
        self.content = content

    async def receive(self):
        return {"type": "http.request", "body": self.content, "more_body": False}


class Later(Sent):
    """A request whose body comes after its head, in parts."""

    more_body = True

    def __init__(self, content, parts):
        super().__init__(content)
        size = -(-len(content) // parts)
        self.parts = [content[start : start + size] for start in range(0, len(content), size)]

    async def receive(self):
        await asyncio.sleep(0.01)
        body = self.parts.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(self.parts)}


class Counted:
    """Stands between the short path and the rest, and counts what falls through."""

    def __init__(self, app):
        self.app = app
        self.calls = 0

    async def __call__(self, *arguments):
        self.calls += 1
        await self.app(*arguments)


class Both:
    """One service behind both ways."""

    def __init__(self, installation):
        self.settings = installation.settings()
        self.service = make_service(self.settings)
        create_schema(self.service.engine)
        whole = wrap(create_api(self.service), self.service, self.settings)
        assert isinstance(whole, FastPath) and isinstance(whole._app, Boundary)
        self.route = whole._app
        self.behind = Counted(self.route)
        shortcuts = [PredictShortcut(self.service), FeedbackShortcut(self.service)]
        self.quick = FastPath(self.behind, self.service, shortcuts)
        self.statuses = Counter()
        self.loop = asyncio.new_event_loop()
        self.running = self.service.running()
        self.loop.run_until_complete(self.running.__aenter__())

    def close(self):
        self.loop.run_until_complete(self.running.__aexit__(None, None, None))
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def ask(self, app, content, kind=b"application/json", path="/predict"):
        return self.ask_sent(app, Sent(content), kind, path)

    def ask_sent(self, app, sent, kind=b"application/json", path="/predict"):
        """The status, the headers and the answer without its ids."""
        answer = []
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(sent.content))]
        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "http_version": "1.1",
            "scheme": "http",
            "headers": headers,
        }

        async def send(message):
            answer.append(message)

        self.loop.run_until_complete(app(scope, sent.receive, send))
        body = json.loads(b"".join(message.get("body", b"") for message in answer))
        self.last_id = body.pop("prediction_id", None)
        body.get("error", {}).pop("request_id", None)
        return answer[0]["status"], sorted(name for name, _ in answer[0]["headers"]), body

    def taken(self, content, path="/predict"):
        """Whether the short path answers."""
        before = self.behind.calls
        self.ask(self.quick, content, path=path)
        return self.behind.calls == before

    def predict(self):
        """The id of a new prediction."""
        self.ask(self.quick, json.dumps({"features": good(self)}).encode())
        return self.last_id

    def recorded(self):
        """The row that the last answer left."""
        with self.service.engine.connect() as connection:
            query = select(predictions).where(predictions.c.id == self.last_id)
            return connection.execute(query).one()


def good(both):
    return [feature.example for feature in both.service.model.schema.features]


def named(both, values):
    names = [feature.name for feature in both.service.model.schema.features]
    return dict(zip(names, values, strict=False))
