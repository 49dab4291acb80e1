"""`lbmrc serve` before it serves: the address is taken, or refused, before the model is loaded."""

import errno
import socket

import pytest

pytest.importorskip("uvicorn", reason="lbmrc[serve] is not installed")

from lbmrc.cli import main
from lbmrc.commands import serve
from lbmrc.common.errors import UserError


@pytest.fixture
def taken():
    """A port that another server listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_in_use_is_refused_before_the_model_is_loaded(taken, capsys):
    assert main(["serve", "nowhere", "--port", str(taken)]) == 1
    problem = f"lbmrc: port {taken} is in use; give another one with --port\n"
    assert capsys.readouterr().err == problem


def test_a_port_that_was_taken_meanwhile_is_refused_too(taken, capsys, monkeypatch):
    monkeypatch.setattr(serve, "bound", lambda *_: [Taken()])
    monkeypatch.setattr("lbmrc.evaluation.reader.Reader", lambda *_, **__: None)
    monkeypatch.setattr("lbmrc.serving.app.create_app", lambda *_: None)
    assert main(["serve", "nowhere", "--port", str(taken)]) == 1
    problem = f"lbmrc: port {taken} is in use; give another one with --port\n"
    assert capsys.readouterr().err == problem


class Taken:
    def listen(self):
        raise OSError(errno.EADDRINUSE, "Address already in use")


def test_a_host_that_is_not_this_machine_is_refused(monkeypatch):
    with pytest.raises(UserError, match=r"192.0.2.1 is no address of this machine .* --host"):
        serve.bound("192.0.2.1", 8000)  # reserved for documentation

    def forbidden(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(serve, "_bound_to", forbidden)
    with pytest.raises(UserError, match=r"port 80 may not be used .* above 1023 with --port"):
        serve.bound("127.0.0.1", 80)


def test_an_address_that_the_machine_lacks_is_left_out_beside_another(monkeypatch):
    places = [(socket.AF_INET6, ("::1", 0, 0, 0)), (socket.AF_INET, ("127.0.0.1", 0))]
    found = [(family, socket.SOCK_STREAM, 6, "", place) for family, place in places]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    really = serve._bound_to

    def without_ipv6(family, place):
        if family == socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
        return really(family, place)

    monkeypatch.setattr(serve, "_bound_to", without_ipv6)
    (only,) = serve.bound("localhost", 0)
    with only:
        assert only.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("localhost", "http://localhost:8000"),
        ("::1", "http://[::1]:8000"),
    ],
)
def test_ipv6_addresses_are_in_brackets(host, url):
    assert serve.address(host, 8000) == url


def test_answers_are_sent_without_delay():
    """asyncio sets TCP_NODELAY on connections of sockets with this protocol, and on no others."""
    (only,) = serve.bound("127.0.0.1", 0)
    with only:
        assert only.proto == socket.IPPROTO_TCP
