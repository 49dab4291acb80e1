"""From the legs of a translation in the config to a ready translator."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from lbmrc.translation.cache import TranslationCache, Translator
from lbmrc.translation.chain import TranslationChain
from lbmrc.translation.engines.base import Engine
from lbmrc.translation.engines.command import Command, command_identity
from lbmrc.translation.engines.factory import load_engine, translator_identity
from lbmrc.translation.store import Store


@contextmanager
def open_translator(
    legs: Sequence[Mapping[str, Any]], device: str, store: str | Path
) -> Iterator[Translator]:
    """The engines of ``legs`` in a chain, each with its part of the store.

    A leg is a section of ``translation.engines``; for a model, ``folder`` and ``identity`` replace
    its checkpoint (`lbmrc.translation.engines.factory.load_engine`). Leaving the block stops
    programs and writes the store.

    Raises:
        UserError: if an engine cannot be loaded, or the store cannot be written.
    """
    with ExitStack() as stack:
        caches = []
        for leg in legs:
            engine, identity = _loaded(leg, device, store)
            stack.callback(engine.close)
            caches.append(TranslationCache(engine, stack.enter_context(Store(store, identity))))
        yield caches[0] if len(caches) == 1 else TranslationChain(caches)


def _loaded(
    leg: Mapping[str, Any], device: str, store: str | Path
) -> tuple[Engine, Mapping[str, Any]]:
    """The engine of a leg, and everything that determines its output."""
    if leg["engine"] != "command":
        model = leg["folder"], leg["identity"]
        return load_engine(leg, *model, device, store), translator_identity(leg, model[1], device)
    keys = ("timeout", "restarts", "texts_per_chunk")
    engine = Command(leg["command"], **{key: leg[key] for key in keys})
    return engine, command_identity(leg["command"], leg["identity"])
