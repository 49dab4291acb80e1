"""The web application: ``/answer``, ``/health``, a page to try it, and the interface's description.

It reads only its own pages, whose names are fixed in the code, and fetches nothing. The pages work
offline. Invalid input gets 422 with its place and the problem.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as AnyHTTPException

from lbmrc.common.errors import UserError
from lbmrc.evaluation.calibration import SPANS
from lbmrc.evaluation.reader import Answer, Question, Reader
from lbmrc.runtime.version import version
from lbmrc.serving.batching import Batcher, Busy
from lbmrc.serving.limits import Limits

MOST_BYTES = 1 << 20
MOST_CHARACTERS = {"question": 2_000, "passage": 50_000}
SECONDS = 60.0

_PAGES = {
    "/": ("page.html", "text/html"),
    "/page.js": ("page.js", "text/javascript"),
    "/docs": ("docs.html", "text/html"),
    "/docs.js": ("docs.js", "text/javascript"),
    "/style.css": ("style.css", "text/css"),
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Asked(BaseModel):
    """A question on a passage."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: str = Field(min_length=1, max_length=MOST_CHARACTERS["question"])
    passage: str = Field(min_length=1, max_length=MOST_CHARACTERS["passage"])
    question_language: str | None = Field(
        None, max_length=10, description="two letters; detected if not given"
    )
    passage_language: str | None = Field(
        None, max_length=10, description="two letters; detected if not given"
    )
    alternatives: int = Field(2, ge=0, le=SPANS - 1, description="how many of the next best spans")


class Health(BaseModel):
    """What is served."""

    status: str
    version: str
    device: str
    languages: list[str] = Field(description="that the model knows; empty if it needs none")
    calibrated: bool = Field(description="whether answers have a confidence")


def create_app(reader: Reader, hosts: Sequence[str] = ("*",), seconds: float = SECONDS) -> FastAPI:
    """The application around a reader.

    Args:
        hosts: accepted host names (another site's page may direct a browser here under the site's
            own name); "*" for any.
        seconds: time limit of a request.
    """
    batcher = Batcher(reader)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker = asyncio.create_task(batcher.run())
        yield
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker

    app = FastAPI(
        title="lbmrc",
        version=version(),
        description="Answers a question by a span of a passage. Offsets are code points.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(Limits, most_bytes=MOST_BYTES, seconds=seconds)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_exception_handler(RequestValidationError, _refused)
    app.add_exception_handler(AnyHTTPException, _http_error)

    @app.post("/answer", summary="Answer a question from a passage")
    async def answer(asked: Asked) -> Answer:
        question = Question(
            asked.question, asked.passage, asked.question_language, asked.passage_language
        )
        try:
            return await batcher.answer(question, asked.alternatives)
        except UserError as error:
            raise HTTPException(422, str(error)) from None
        except Busy:
            raise HTTPException(503, "too many questions wait; ask again later") from None

    @app.get("/health", summary="What is served")
    async def health() -> Health:
        return Health(
            status="ok",
            version=version(),
            device=reader.device,
            languages=list(reader.languages),
            calibrated=reader.calibration is not None,
        )

    for path, (name, kind) in _PAGES.items():
        content = (Path(__file__).parent / "pages" / name).read_bytes()
        app.get(path, include_in_schema=False)(_page(content, kind))
    return app


def _page(content: bytes, kind: str) -> Any:
    async def page() -> Response:
        return Response(content, media_type=kind, headers=_HEADERS)

    return page


async def _refused(_: Request, error: Any) -> JSONResponse:
    """Places and problems, without the input itself, which may not be valid Unicode."""
    problems = [
        {"place": ".".join(map(str, problem["loc"])), "problem": problem["msg"]}
        for problem in error.errors()
    ]
    return JSONResponse({"detail": problems}, 422)


async def _http_error(_: Request, error: Any) -> JSONResponse:
    """Like FastAPI's own, but a body that is not JSON gets 422, like any invalid input."""
    status = 422 if error.status_code == 400 else error.status_code
    return JSONResponse({"detail": error.detail}, status, headers=error.headers)
