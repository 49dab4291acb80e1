"""`lbmrc serve`: a trained system behind HTTP, with a page to try it."""

import argparse
import errno
import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from lbmrc.commands.arguments import add_reader, check_model
from lbmrc.common.errors import UserError

_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
_LACKING = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


def add(commands: argparse._SubParsersAction) -> None:
    """The command's arguments."""
    parser = commands.add_parser(
        "serve",
        help="answer questions over HTTP, with a page to try it",
        description="Needs lbmrc[serve]. The address / is a page to try it, /docs describes the "
        "interface. Only this machine can reach it, unless --host says otherwise.",
    )
    add_reader(parser)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="(8000)")
    parser.set_defaults(run=_run, parser=parser)


def _run(arguments: argparse.Namespace) -> None:
    check_model(arguments.model, arguments.parser)
    if not 0 < arguments.port < 65536:
        arguments.parser.error("--port is a number from 1 to 65535")
    try:
        import uvicorn

        from lbmrc.serving.app import create_app
    except ImportError as error:
        raise UserError(
            f"lbmrc serve needs FastAPI and uvicorn ({error}); pip install 'lbmrc[serve]'"
        ) from None
    from lbmrc.evaluation.reader import Reader

    host, port = arguments.host, arguments.port
    sockets = bound(host, port)  # before the model is loaded
    reader = Reader(arguments.model, device=arguments.device)
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(reader, _LOOPBACK if _is_loopback(host) else ["*"]), log_level="warning"
        )
    )
    with _taking(host, port):
        for one in sockets:
            one.listen()
    print(f"lbmrc: {address(host, port)}", file=sys.stderr)
    with suppress(KeyboardInterrupt):  # which uvicorn raises again once it has shut down
        server.run(sockets)


def bound(host: str, port: int) -> list[socket.socket]:
    """Sockets bound to all addresses of a host, which do not listen yet.

    An address that the machine lacks is left out if there is another: localhost often names an IPv6
    one where there is no IPv6.

    Raises:
        UserError: if the port is taken or may not be used, or this machine has no such host.
    """
    sockets, lacking = [], None
    with _taking(host, port):
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        for family, place in dict.fromkeys((family, place) for family, _, _, _, place in found):
            try:
                sockets.append(_bound_to(family, place))
            except OSError as error:
                if error.errno not in _LACKING:
                    raise
                lacking = error
        if lacking and not sockets:
            raise lacking
    return sockets


def _bound_to(family: socket.AddressFamily, place: tuple) -> socket.socket:
    # asyncio sends small answers at once (TCP_NODELAY) only if the socket names its protocol
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:  # so that it does not take the IPv4 address, too
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(place)
    except OSError:
        one.close()
        raise
    return one


@contextmanager
def _taking(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UserError(f"port {port} is in use; give another one with --port") from None
        if error.errno == errno.EACCES:
            raise UserError(
                f"port {port} may not be used ({error.strerror}); give one above 1023 with --port"
            ) from None
        raise UserError(
            f"{host} is no address of this machine ({error.strerror}); give one with --host"
        ) from None


def address(host: str, port: int) -> str:
    """The URL of a server; IPv6 addresses are in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
