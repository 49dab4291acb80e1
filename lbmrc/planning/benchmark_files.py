"""Checks benchmark files before the first job, so a bad file is not found only after the training.

The windows stage reads them by the same rules (`lbmrc.data.benchmark`), but later. Imports nothing
heavy.
"""

from collections.abc import Collection, Iterable
from pathlib import Path

from lbmrc.common.errors import UserError
from lbmrc.config.schema import Config
from lbmrc.data.benchmark import check_benchmark

_SHOWN = 3
_Cell = tuple[str, str, str, str]


def check_benchmark_files(config: Config, made: Collection[str]) -> list[str]:
    """Read each existing benchmark file whose windows the run makes.

    Args:
        made: paths that the run makes; a benchmark file among them is checked only once made.

    Returns:
        A sentence for each file some of whose questions are skipped (``on_bad_example: skip``).

    Raises:
        UserError: with one line per bad file.
    """
    notes, problems = [], []
    for name, split, context, question in _cells_of(config, made):
        benchmark = config.benchmarks[name]
        file = benchmark.file.format(split=split, context=context, question=question)
        path = Path(config.data.folder, file)
        if str(path) in made or not path.exists():
            continue
        titles = None if benchmark.articles is None else config.data.articles[benchmark.articles]
        try:
            questions, left_out = check_benchmark(path, config.data.on_bad_example, titles)
        except UserError as error:
            problems.append(str(error))
            continue
        if left_out:
            first = "; ".join(f'{m.place} (id "{m.id}"): {m.problem}' for m in left_out[:_SHOWN])
            more = "; …" if len(left_out) > _SHOWN else ""
            notes.append(
                f"{path}: {len(left_out):,} of {len(questions) + len(left_out):,} questions are "
                f"neither asked nor scored: {first}{more}"
            )
    if problems:
        raise UserError("\n".join(problems))
    return notes


def _cells_of(config: Config, made: Collection[str]) -> Iterable[_Cell]:
    """(benchmark, split, passage language, question language) of each file cut into windows."""
    tested = [(name, *cell) for name, b in config.benchmarks.items() for cell in b.cells()]
    paths = config.paths
    cells = [(cell, paths.benchmark_windows(*cell[:2])) for cell in tested + config.sweep_cells()]
    cells += [(cell, paths.dev_windows(*cell[:2])) for cell in config.dev_cells()]
    # the prefix of a Snakemake module may precede the run's paths
    return dict.fromkeys(c for c, windows in cells if any(p.endswith(windows) for p in made))
