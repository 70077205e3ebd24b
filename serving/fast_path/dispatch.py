"""Decides which requests are answered without FastAPI. Used by `protocol.py`."""

from serving.fast_path.endpoints import Answer, FastEndpoint
from serving.fast_path.head import Headers
from serving.keys import NoKey, WrongKey, key_of
from serving.service import Service

JSON = (b"application/json", b"application/json; charset=utf-8")
SITE = b"sec-fetch-site"  # sent by browsers: then the route checks the origin


class FastPath:
    """Finds the endpoint for a request, checks the key, and counts answers."""

    def __init__(self, service: Service, endpoints: list[FastEndpoint]) -> None:
        self._hosts = service.hosts
        self._keys = service.keys
        self._errors, self._request_ids = service.metrics.errors, service.request_ids
        self.most_bytes = service.settings.serving.most_bytes  # of a body
        self._endpoints = {endpoint.path.encode(): endpoint for endpoint in endpoints}
        metrics = service.metrics
        self._answered = {
            (one.path, status): metrics.requests.labels("POST", one.path, str(status))
            for one in endpoints
            for status in (*one.statuses, 500)
        }
        self._latency = {one.path: metrics.latency.labels(one.path) for one in endpoints}

    def find(self, url: bytes, headers: Headers) -> FastEndpoint | None:
        """The endpoint for a POST of JSON that needs no key or brings the right one."""
        endpoint = self._endpoints.get(url)
        if endpoint is None:
            return None
        found = dict(headers)
        if len(found) != len(headers) or found.get(b"content-type") not in JSON:
            return None  # a header comes twice: the route decides which one counts
        if b"origin" in found or SITE in found or not self._hosts.allow(found.get(b"host")):
            return None
        if self._keys.required and not self._has_key(endpoint, headers):
            return None
        return endpoint

    def _has_key(self, endpoint: FastEndpoint, headers: Headers) -> bool:
        decoded = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        try:
            self._keys.check(key_of(decoded), endpoint.required_scope)
        except (NoKey, WrongKey):
            return False
        return True

    def note_request(self, endpoint: FastEndpoint, answer: Answer, given_id: bytes) -> None:
        """Record the request id that the client chose for a prediction.

        Without one the id of the prediction is that of its request.
        """
        if endpoint.names_prediction:
            self._request_ids.add(answer.request_id.decode(), given_id.decode())

    def count(self, endpoint: FastEndpoint, status: int, seconds: float) -> None:
        self._answered[endpoint.path, status].inc()
        self._latency[endpoint.path].observe(seconds)
        self._errors.add(status)
