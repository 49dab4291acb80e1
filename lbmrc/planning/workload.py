"""How many windows and tokens each dataset of a run has, before or after it is cut into windows.

Input: the config and, if they exist, window files and published files. Output: one `Load` per
dataset, marked as counted (in the files, or in published files known by checksum) or assumed (from
the questions, with the windows per question and tokens per window measured on XQuAD).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.config.schema import Config
from lbmrc.data.squad_json import Misfit, read_squad_json, walk
from lbmrc.windows.arrow_files import open_arrow
from lbmrc.windows.files import identity

COUNTED, MEASURED, ASSUMED = "c", "m", "a"
WINDOWS_A_QUESTION, TOKENS_A_WINDOW = 1.07, 211  # XQuAD in en, es and de, cut 384/128
_MINIWORLD_QUESTIONS = 4  # three to five per passage


class Size(NamedTuple):
    """The size of a file in SQuAD's format."""

    articles: int
    passages: int
    questions: int


# by the first digits of a file's SHA-256
_PUBLISHED = dict.fromkeys(
    [
        *("e4c57d1c9143", "dcbae93ec3a9", "990b5d746746", "abdabd7afed5", "df2cce3532b3"),
        *("f619a1eb11fb", "821cf0f88e73", "208d5b1aa154", "92179a564774"),
    ],
    Size(48, 240, 1_190),  # XQuAD, one file per language
) | {
    "3527663986b8": Size(442, 18_896, 87_599),  # SQuAD v1.1 train
    "95aa6a52d5d6": Size(48, 2_067, 10_570),  # SQuAD v1.1 dev
}
_MLQA = "246e8089933d"
_MLQA_TEST = dict(en=11_590, de=4_517, es=5_253, ar=5_335, hi=4_918, vi=5_495, zh=5_137)


@dataclass(frozen=True)
class Load:
    """Windows, their tokens, the sum of their squared lengths, and how these are known."""

    windows: float
    tokens: float
    squares: float
    mark: str

    def times(self, factor: float) -> "Load":
        return Load(factor * self.windows, factor * self.tokens, factor * self.squares, self.mark)


def total(loads: Iterable[Load]) -> Load:
    loads = list(loads)
    return Load(
        sum(x.windows for x in loads),
        sum(x.tokens for x in loads),
        sum(x.squares for x in loads),
        least_certain(x.mark for x in loads),
    )


def least_certain(marks: Iterable[str]) -> str:
    """The mark of a sum: that of its least certain part."""
    return max(marks, key=[COUNTED, MEASURED, ASSUMED].index, default=COUNTED)


def dataset_load(config: Config, dataset: str) -> Load:
    """The windows of a training dataset that has its own file (the union has only its branches').

    Raises:
        UserError: if a file is missing and its size is unknown, or if it is damaged.
    """
    if (cut := _cut(config, config.paths.windows(dataset))) is not None:
        return cut
    size, _ = training_size(config)
    languages = len(config.languages)
    kind = dataset.split(".")[0]
    if kind == "mixed" and config.mixed.variant == "yuan":
        one_more = size.passages if languages > 1 else 0
        return _not_cut_yet(config, languages * (size.questions + one_more))
    asked = config.asked_languages()
    times = {"squad": 1, "branch": asked, "mixed": languages * asked}
    return _not_cut_yet(config, times[kind] * size.questions)


def benchmark_load(config: Config, name: str, split: str) -> Load:
    """The windows of a benchmark's split in all its language pairs; raises as `dataset_load`."""
    if (cut := _cut(config, config.paths.benchmark_windows(name, split))) is not None:
        return cut
    benchmark = config.benchmarks[name]
    questions = 0
    for cell in benchmark.cells():
        if cell[0] == split:
            file = benchmark.file.format(split=split, context=cell[1], question=cell[2])
            questions += _size(config, file, benchmark.articles, cell)[0].questions
    return _not_cut_yet(config, questions)


def training_size(config: Config) -> tuple[Size, str]:
    """The total size of the English training files, and how it is known."""
    found = [
        _size(config, each.file, each.articles, ("train", "", ""))
        for each in config.data.squad.files
    ]
    sizes = [size for size, _ in found]
    return Size(*map(sum, zip(*sizes, strict=True))), least_certain(how for _, how in found)


def _cut(config: Config, file: str) -> Load | None:
    """The existing windows, if they were cut with the config's settings."""
    path = Path(file)
    if not path.exists():
        return None
    found, configured = identity(path)["windows"], config.windows.model_dump()
    if configured["special_tokens"] == "auto":  # the backbone determines them
        configured["special_tokens"] = found["special_tokens"]
    if found != configured:
        return None
    windows = tokens = squares = 0
    with open_arrow(path) as reader:
        for number in range(reader.num_record_batches):
            ids = reader.get_batch(number).column("input_ids")
            sizes = ids.value_lengths().to_numpy().astype("int64")
            windows += len(sizes)
            tokens += int(sizes.sum())
            squares += int((sizes**2).sum())
    return Load(windows, tokens, squares, COUNTED)


def _not_cut_yet(config: Config, examples: float) -> Load:
    windows, length = WINDOWS_A_QUESTION * examples, min(TOKENS_A_WINDOW, config.windows.max_length)
    return Load(windows, windows * length, windows * length**2, ASSUMED)


def _size(
    config: Config, file: str, articles: str | None, cell: tuple[str, str, str]
) -> tuple[Size, str]:
    """A published file's size: known by its checksum, counted, or assumed from its kind."""
    source, path = config.data.source, Path(config.data.folder, file)
    titles = None if articles is None else config.data.articles[articles]
    downloads = source.files if source.kind == "download" else {}
    known = _PUBLISHED.get(_digits(downloads.get(file)))
    if known and titles is None:
        return known, COUNTED
    if path.exists():
        return _counted(path, titles), COUNTED
    if known and titles is not None:
        return Size(*(round(n * len(titles) / known.articles) for n in known)), ASSUMED
    if source.kind == "miniworld":
        passages = getattr(source, f"{cell[0]}_passages", source.test_passages)
        return Size(1, passages, _MINIWORLD_QUESTIONS * passages), ASSUMED
    archives = source.archives if source.kind == "download" else {}
    archive = downloads.get(archives.get(file.split("/")[0], ""))
    if _digits(archive) == _MLQA and cell[0] == "test":
        at_most = min(_MLQA_TEST[language] for language in cell[1:])
        return Size(1, at_most, at_most), ASSUMED
    raise UserError(f"{path}: not there, and of unknown size; fetch it first (snakemake fetch)")


def _digits(download) -> str:
    return ((download and download.sha256) or "")[:12]


def _counted(path: Path, titles: Collection[str] | None) -> Size:
    passages, questions = set(), 0
    for found in walk(read_squad_json(path)["data"]):
        if isinstance(found, Misfit):
            raise UserError(f"{path}: not in SQuAD's format ({found})")
        if titles is None or found.title in titles:
            passages.add((str(found.title), found.number))
            questions += 1
    return Size(len({title for title, _ in passages}), len(passages), questions)
