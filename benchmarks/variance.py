"""How much of a score's spread is seed, passages, CPU kernels, clipping, over finished runs.

    python benchmarks/variance.py results/mini --kernels results/mini-avx2 results/mini-default \
        --clipping mixmrc-full mixmrc-full-half

writes tables/variance.csv and variance.md below the first folder (or in --folder). Its runs need
several seeds. `--kernels`: the same runs with other CPU kernels, for example with
ATEN_CPU_CAPABILITY=avx2. `--clipping`: two systems that differ only in the scale of the loss, and
so in how often gradients are clipped. Differences are taken from the run's comparisons.csv.
"""

import argparse
from pathlib import Path

import pandas as pd

from lbmrc.analysis.variance import (
    POWER,
    of_differences,
    of_passage_differences,
    of_passages,
    of_seeds,
    of_twins,
    run_means,
    seeds_needed,
)
from lbmrc.common.markdown import markdown_table
from lbmrc.evaluation.question_scores import read_questions

EFFECTS = (0.5, 1.0, 2.0)  # points


def read(results: Path) -> pd.DataFrame:
    """The scores of every finished run."""
    files = sorted((results / "systems").glob("*/seed-*/scores/questions.parquet"))
    runs = [(f.parts[-4], int(f.parts[-3].removeprefix("seed-"))) for f in files]
    return read_questions(results / "systems", runs)


def spreads(args: argparse.Namespace, metric: str) -> list[list]:
    """Rows of benchmark, source, standard deviation and number of values."""
    questions = read(args.results)
    means, others = run_means(questions), [run_means(read(folder)) for folder in args.kernels]
    pairs = pd.read_csv(args.results / "tables/comparisons.csv")
    pairs = pairs[["system", "against"]].drop_duplicates().to_numpy().tolist()
    rows = []
    for benchmark in means["benchmark"].unique():
        part = means[means["benchmark"] == benchmark]
        found = {
            "seed": of_seeds(part, metric),
            "passages": of_passages(questions, benchmark, metric),
            "seed, of a difference": of_differences(part, pairs, metric),
            "passages, of a difference": of_passage_differences(
                questions, benchmark, pairs, metric
            ),
        }
        for folder, frame in zip(args.kernels, others, strict=True):
            twins = of_twins(part, frame[frame["benchmark"] == benchmark], metric)
            if twins.size:
                found[f"kernels: {folder.name}"] = twins
        if args.clipping:
            one, other = (part[part["system"] == name] for name in args.clipping)
            renamed = other.assign(system=args.clipping[0])
            found["clipping"] = of_twins(one, renamed, metric)
        rows += [[benchmark, source, *spread] for source, spread in found.items()]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("results", type=Path)
    parser.add_argument("--kernels", type=Path, nargs="*", default=[])
    parser.add_argument("--clipping", nargs=2, default=None)
    parser.add_argument("--metric", choices=["f1", "exact_match"], default="f1")
    parser.add_argument("--folder", type=Path, help="for the two files")
    args = parser.parse_args()
    rows = spreads(args, args.metric)
    frame = pd.DataFrame(rows, columns=["benchmark", "source", "deviation", "values"])
    seeds = [
        [row.benchmark, *(str(seeds_needed(effect, row.deviation)) for effect in EFFECTS)]
        for row in frame[frame["source"] == "seed, of a difference"].itertuples()
    ]
    header = ["benchmark", *(f"{effect:g} points" for effect in EFFECTS)]
    text = "\n\n".join(
        [
            f"# Where the spread of a score comes from ({args.metric}, points)",
            "Standard deviation of one run's mean over languages. Values: degrees of freedom "
            "(seed), passages, or pairs of runs.",
            markdown_table(
                ["benchmark", "source", "standard deviation", "values"],
                [[b, s, f"{d:.2f}", str(n)] for b, s, d, n in rows],
                2,
            ),
            f"Seeds with which a paired t-test at 5% finds a true difference with probability "
            f"{POWER:.0%}, on these passages:",
            markdown_table(header, seeds),
        ]
    )
    folder = args.folder or args.results / "tables"
    frame.to_csv(folder / "variance.csv", index=False, lineterminator="\n")
    (folder / "variance.md").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
