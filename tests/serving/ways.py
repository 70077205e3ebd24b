"""One service behind its fast path and behind its routes alone; used by the tests of both."""

import asyncio
import json
import re
from collections import Counter

import httptools
import uvicorn
from sqlalchemy import select
from uvicorn.lifespan.on import LifespanOn
from uvicorn.server import ServerState

from pipeline.store.tables import predictions
from serving.application import Application, make_routes
from serving.fast_path.held_body import BodyDeadlines
from serving.fast_path.protocol import FastPathProtocol
from serving.service import make_service

PAUSE_SECONDS = 0.01
IDLE_SECONDS = 2
LIMIT_SECONDS = 60  # for a server that never closes


class Counted:
    """Stands between the fast path and the rest, and counts what falls through."""

    def __init__(self, app):
        self.app = app
        self.calls = 0

    async def __call__(self, *arguments):
        self.calls += 1
        await self.app(*arguments)


class RoutesAlone:
    """An application of which nothing goes by the fast path."""

    def __init__(self, app):
        self.app, self.body_deadlines, self.fast = app, BodyDeadlines(10.0), self

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)

    def find(self, _url, _headers):
        return None

    def count_refusal(self, _status):
        pass


class Answer:
    """An answer as it came; its headers without their values."""

    def __init__(self):
        self.status, self.headers, self.content = 0, [], b""

    @property
    def body(self):
        return json.loads(self.content)


class Answers(list):
    """What came over a connection, read by httptools."""

    def __init__(self, content):
        super().__init__()
        self.parser = httptools.HttpResponseParser(self)
        self.parser.feed_data(content)

    def on_message_begin(self):
        self.append(Answer())

    def on_header(self, name, _value):
        self[-1].headers.append(name)

    def on_headers_complete(self):
        self[-1].status = self.parser.get_status_code()

    def on_body(self, body):
        self[-1].content += body


class Both:
    """One service behind both ways, each of them a port."""

    def __init__(self, installation):
        self.settings = installation.settings()
        self.service = make_service(self.settings)
        routes = make_routes(self.service)
        self.behind = Counted(routes)
        self.app = Application(self.service, lambda _: self.behind)
        self.statuses = Counter()
        self.loop = asyncio.new_event_loop()
        self.life = LifespanOn(uvicorn.Config(self.app, log_config=None))
        self.loop.run_until_complete(self.life.startup())
        self.servers = []
        self.quick = self.listen(self.app)
        self.route = self.listen(RoutesAlone(routes))

    def listen(self, app):
        """The port at which the protocol waits for an application."""
        config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            proxy_headers=False,
            timeout_keep_alive=IDLE_SECONDS,
        )
        config.load()
        state = ServerState()
        made = self.loop.create_server(
            lambda: FastPathProtocol(config, state, {}, self.loop), "127.0.0.1"
        )
        server = self.loop.run_until_complete(made)
        self.servers.append(server)
        return server.sockets[0].getsockname()[1]

    def close(self):
        for server in self.servers:
            server.close()
        self.loop.run_until_complete(self.life.shutdown())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def exchange(self, port, *parts):
        """Send parts of requests with pauses between them; what is answered until the end."""
        return Answers(self.loop.run_until_complete(self._exchange(port, parts)))

    async def _exchange(self, port, parts):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for part in parts:
            writer.write(part)
            if len(parts) > 1:
                await asyncio.sleep(PAUSE_SECONDS)
        content = await asyncio.wait_for(reader.read(), LIMIT_SECONDS)
        writer.close()
        await writer.wait_closed()
        return content

    def exchange_in_turn(self, port, *requests):
        """Send each request when the one before is answered."""
        return Answers(self.loop.run_until_complete(self._exchange_in_turn(port, requests)))

    async def _exchange_in_turn(self, port, requests):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        content = b""
        for request in requests[:-1]:
            writer.write(request)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LIMIT_SECONDS)
            length = int(re.search(rb"content-length: (\d+)", head)[1])
            content += head + await reader.readexactly(length)
        writer.write(requests[-1])
        content += await asyncio.wait_for(reader.read(), LIMIT_SECONDS)
        writer.close()
        await writer.wait_closed()
        return content

    def ask(self, port, content, kind=b"application/json", path="/predict"):
        """The status, the headers and the answer without its ids."""
        return self.ask_in_parts(port, request(content, kind, path))

    def ask_in_parts(self, port, *parts):
        (answer,) = self.exchange(port, *parts)
        body = answer.body
        self.last_id = body.pop("prediction_id", None)
        body.get("error", {}).pop("request_id", None)
        return answer.status, sorted(answer.headers), body

    def taken(self, content, path="/predict"):
        """Whether the fast path answers."""
        before = self.behind.calls
        self.ask(self.quick, content, path=path)
        return self.behind.calls == before

    def predict(self):
        """The id of a new prediction."""
        self.ask(self.quick, json.dumps({"features": good(self)}).encode())
        return self.last_id

    def recorded(self):
        """The row that the last answer left."""
        with self.service.writer.store.engine.connect() as connection:
            query = select(predictions).where(predictions.c.id == self.last_id)
            return connection.execute(query).one()


def request(content, kind=b"application/json", path="/predict", more=b"connection: close\r\n"):
    head = b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-type: %b\r\ncontent-length: %d\r\n%b\r\n"
    return head % (path.encode(), kind, len(content), more) + content


def good(both):
    return [feature.example for feature in both.service.model.schema.features]


def named(both, values):
    names = [feature.name for feature in both.service.model.schema.features]
    return dict(zip(names, values, strict=False))
