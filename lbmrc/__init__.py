"""Language Branch Machine Reading Comprehension, reproduced (Liu et al., COLING 2020)."""

from importlib import import_module


def __getattr__(name: str):
    """`Reader`, which is imported when it is first asked for.

    By its name as a text, so that the reader is no part of the code of the workflow's stages, all
    of which import this package.
    """
    if name == "Reader":
        return import_module("lbmrc.evaluation.reader").Reader
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
