"""What `make run` says of its services: a taken port before the start, a line when one is up."""

import socket

import pytest

from scripts.cli.command import CommandError
from scripts.stack.local_services import Service, check_ports, find_up, services, watch
from tests.support.processes.servers import free_port


def test_every_service_that_listens_is_known(settings):
    known = {service.what: service.port for service in services(settings())}
    assert known == {"the API": 8080, "the page": 8081, "Evidently": 8082, "figures": 8083}


def test_a_taken_port_is_named_with_what_to_change():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CommandError) as refused:
            check_ports([Service("the API", port, "/", "", "BOUCLE_SERVING__PORT")])
    assert str(refused.value).startswith(f"Port {port}, for the API, is taken")
    assert f"BOUCLE_SERVING__PORT={port + 1000} make run" in str(refused.value)


def test_free_ports_are_no_objection():
    check_ports([Service("the API", free_port(), "/", "", "BOUCLE_SERVING__PORT")])


def test_a_service_that_is_up_has_its_line(cancer_server, capsys):
    watch([Service("the API", cancer_server.port, "/readyz", "/docs", "X")])
    assert f"http://127.0.0.1:{cancer_server.port}/docs" in capsys.readouterr().out


def test_a_service_that_does_not_answer_is_not_up():
    assert list(find_up([Service("the API", free_port(), "/readyz", "", "X")])) == []
