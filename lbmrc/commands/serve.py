"""`lbmrc serve`: a trained system behind HTTP, with a page to try it."""

import argparse
import ipaddress
import sys

from lbmrc.commands.arguments import add_reader, check_model
from lbmrc.common.errors import UserError

_LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]


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

    reader = Reader(arguments.model, device=arguments.device)
    hosts = _LOOPBACK if _is_loopback(arguments.host) else ["*"]
    print(f"lbmrc: http://{arguments.host}:{arguments.port}", file=sys.stderr)
    uvicorn.run(
        create_app(reader, hosts), host=arguments.host, port=arguments.port, log_level="warning"
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
