"""What every container must keep to, read from the compose files and Dockerfiles."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDERS = (
    *("serving", "scripts", "webapp", "reporting", "prometheus", "grafana", "elastic"),
    "scripts/tracking",
)
FILES = [ROOT / "compose/ground.yml", *(ROOT / name / "docker-compose.yml" for name in FOLDERS)]
ROOTS = {"data", "cadvisor", "docker-proxy"}  # each says beside it why
ONCE = {"data", "prepare", "demo", "elastic-setup"}
ELK = {"event-shipper", "elasticsearch", "kibana", "elastic-setup", "fluent-bit"}
AT_HOME = {
    "prometheus",
    "alertmanager",
    "webapp",
    "reporting",
    *ELK,
    "mlflow",
}  # whatever PUBLISH says


class Loader(yaml.SafeLoader):
    """Knows compose's own tag."""


Loader.add_constructor("!reset", lambda loader, node: None)
Loader.add_constructor("!override", lambda loader, node: loader.construct_sequence(node))


def read(path):
    return yaml.load(path.read_text(), Loader)


def resolve(path, service):
    """A service with what it extends. A list of its own stands for the whole, not for more."""
    own = read(path)["services"][service]
    base = own.pop("extends", None)
    if base is None:
        return own
    if isinstance(base, str):
        return {**resolve(path, base), **own}
    return {**resolve((path.parent / base["file"]).resolve(), base["service"]), **own}


SERVICES = {name: resolve(path, name) for path in FILES for name in read(path)["services"]}


@pytest.fixture(params=SERVICES)
def name(request):
    return request.param


@pytest.fixture
def service(name):
    return SERVICES[name]


def test_the_root_file_includes_them_all():
    assert {ROOT / path for path in read(ROOT / "docker-compose.yml")["include"]} == set(FILES)


def test_it_is_nobody_in_particular(name, service):
    assert str(service["user"]).startswith("0") == (name in ROOTS)


def test_it_may_do_nothing_special(name, service):
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    assert ("cap_add" in service) == (name == "data")


def test_it_writes_to_its_volumes_and_to_memory_only(name, service):
    assert service["read_only"] is True
    own = {"elasticsearch": ["/usr/share/elasticsearch/logs"], "kibana": ["/usr/share/kibana/data"]}
    assert [path.split(":")[0] for path in service["tmpfs"]] == ["/tmp", *own.get(name, [])]


def test_the_machine_itself_is_mounted_read_only(service):
    mounts = [mount for mount in service.get("volumes", ()) if mount.startswith("/")]
    assert [mount for mount in mounts if not mount.endswith(":ro")] == []


def test_it_cannot_take_the_whole_machine(service):
    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


def test_its_ports_stay_on_this_machine_unless_published(name, service):
    address = "127.0.0.1" if name in AT_HOME else r"(127\.0\.0\.1|\$\{PUBLISH:-127\.0\.0\.1\})"
    for port in service.get("ports", ()):
        assert re.match(rf"{address}:\$\{{[A-Z]+_PORT:-\d+\}}:\d+$", port), port
    assert name != "postgres" or "ports" not in service


def test_only_who_uses_postgresql_can_reach_it():
    inside = {name for name, one in SERVICES.items() if "store_net" in (one.get("networks") or ())}
    assert inside == {
        "postgres",
        "serving-api",
        "trainer",
        "exporter",
        "reporting",
        "event-shipper",
        "recorder",
    }
    assert SERVICES["postgres"]["networks"] == ["store_net"]


def test_only_who_reads_and_writes_events_can_reach_elasticsearch():
    near = {n for n, one in SERVICES.items() if "elastic_net" in (one.get("networks") or ())}
    assert near == ELK - {"event-shipper"}


def test_events_go_nowhere_unless_they_are_asked_for():
    assert {name for name, one in SERVICES.items() if one.get("profiles") == ["elk"]} == ELK


def test_only_prometheus_reaches_what_holds_the_socket_of_docker():
    near = {n for n, one in SERVICES.items() if "containers_net" in (one.get("networks") or ())}
    assert near == {"prometheus", "cadvisor", "docker-proxy"}
    for name in ("cadvisor", "docker-proxy"):
        assert SERVICES[name]["networks"] == ["containers_net"]


def test_only_the_proxy_holds_the_socket_of_docker():
    holders = {n for n, one in SERVICES.items() if ".sock" in str(one.get("volumes", ()))}
    assert holders == {"docker-proxy"}


def test_its_image_is_ours_or_of_one_release(name, service):
    if service["image"].startswith("boucle-"):
        assert service["pull_policy"] == "never"
    else:
        assert re.search(r":v?\d+\.\d+(\.\d+)?(@sha256:[0-9a-f]{64})?$", service["image"])


def test_it_says_whether_it_is_healthy_without_curl(name, service):
    """But for the two whose images are known to bring it."""
    if name in ONCE:
        assert service["restart"] == "no"
    elif name == "fluent-bit":  # nothing in its image could ask
        assert "healthcheck" not in service
    else:
        with_curl = "curl" in str(service["healthcheck"]["test"])
        assert with_curl == (name in {"elasticsearch", "kibana"})
        assert service["restart"] == "unless-stopped"


def test_no_password_stands_in_a_file_of_ours(service):
    """What is secret is named by a file, which is made at the first start."""
    secret = re.compile("PASSWORD|SECRET|TOKEN|KEY(?!S)")
    for name, value in service.get("environment", {}).items():
        assert not secret.search(name) or "FILE" in name or "/" in value or value == "false", name


def test_only_prepare_may_change_a_secret(name, service):
    mounts = [mount for mount in service.get("volumes", ()) if mount.startswith("secrets-")]
    assert [m for m in mounts if not m.endswith(":ro")] == (mounts if name == "prepare" else [])


def test_only_who_trains_can_sign():
    def mounts(service):
        return any(m.startswith("secrets-signing:") for m in service.get("volumes", ()))

    assert {name for name, one in SERVICES.items() if mounts(one)} == {"prepare", "trainer"}


def test_every_variable_is_documented_and_every_documented_one_is_read():
    texts = [path.read_text() for path in [*FILES, ROOT / "compose/hardened.yml"]]
    read_here = set(re.findall(r"\$\{([A-Z_]+):-", "".join(texts)))
    table = (ROOT / "docs/stack.md").read_text().split("## Variables")[1].split("##")[0]
    cells = re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)
    assert set(re.findall(r"`([A-Z_]+)`", " ".join(cells))) == read_here


@pytest.mark.parametrize("folder", ["scripts", "serving", "webapp", "reporting"])
def test_an_image_is_built_in_two_stages_and_ends_as_nobody(folder):
    lines = (ROOT / folder / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("FROM")] == [
        "FROM python:3.13-slim AS packages",
        "FROM python:3.13-slim",
    ]
    assert [line for line in lines if line.startswith("USER")] == ["USER 10001:10001"]
    compiled = lines.index("RUN python -m compileall -q -j 0 /app")
    assert compiled > max(n for n, line in enumerate(lines) if line.startswith("COPY"))
