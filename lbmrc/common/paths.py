"""Where a run's files are: each path below ``results/`` is spelled here and nowhere else.

A path is a text relative to the working directory, as Snakemake compares them; where a name may be
a wildcard, ``"{system}"`` gives the pattern. Standard library alone: rules ask at parse time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

RESULTS = "results"
CODE_RECORDS = "manifests/code"
"""Folder of a run that keeps what the modules of each code fingerprint were."""


@dataclass(frozen=True)
class SystemPaths:
    """The files of one system trained with one seed, below ``folder``.

    A ``cell`` is what a file of predictions is named by: benchmark, split, passage language,
    question language.
    """

    folder: str

    @classmethod
    def under(cls, systems: str | Path, system: str, seed: int | str) -> "SystemPaths":
        """Those in a folder of many systems."""
        return cls(f"{systems}/{system}/seed-{seed}")

    @property
    def model(self) -> str:
        """Folder of the trained checkpoint."""
        return f"{self.folder}/model"

    @property
    def metrics(self) -> str:
        """The losses of every step."""
        return f"{self.folder}/metrics.jsonl"

    @property
    def manifest(self) -> str:
        """Of the training, or of the choice of its checkpoint on dev data."""
        return f"{self.folder}/manifest.json"

    @property
    def logits(self) -> str:
        """A teacher's, on every window of the union."""
        return f"{self.folder}/logits.parquet"

    @property
    def logits_manifest(self) -> str:
        return f"{self.folder}/logits.manifest.json"

    def predictions(self, cell: Iterable[str]) -> str:
        return f"{self.folder}/predictions/{'.'.join(cell)}.json"

    @property
    def predictions_manifest(self) -> str:
        return f"{self.folder}/predictions.manifest.json"

    def scores(self, cell: Iterable[str]) -> str:
        return f"{self.folder}/scores/{'.'.join(cell)}.json"

    @property
    def question_scores(self) -> str:
        """The scores of single questions, of all cells."""
        return f"{self.folder}/scores/questions.parquet"


@dataclass(frozen=True)
class RunPaths:
    """The files of one run, below ``folder``."""

    folder: str

    @classmethod
    def of(cls, run: str) -> "RunPaths":
        """Those of the run of this name: below ``results/<run>``."""
        return cls(f"{RESULTS}/{run}")

    # ---------------------------------------------------------------------------------------- data

    def articles(self, name: str, file: str) -> str:
        """Some articles of a published file."""
        return f"{self.folder}/articles/{name}/{file}"

    def examples(self, dataset: str) -> str:
        """A training dataset, such as ``squad.en``, ``branch.es`` or ``mixed``."""
        return f"{self.folder}/examples/{dataset}.parquet"

    def questions(self, language: str) -> str:
        """The translation of every question."""
        return f"{self.folder}/translation/{language}.questions.parquet"

    def recovered(self, language: str) -> str:
        """How each answer was recovered."""
        return f"{self.folder}/translation/{language}.recovered.parquet"

    def recovery(self, language: str) -> str:
        """How many answers were recovered, and why the others were lost."""
        return f"{self.folder}/translation/{language}.recovery.json"

    def phrases(self, language: str) -> str:
        """LAKM's phrases."""
        return f"{self.folder}/phrases/{language}.txt"

    def windows(self, dataset: str) -> str:
        """The windows of a training dataset."""
        return f"{self.folder}/windows/{dataset}.arrow"

    def benchmark_windows(self, benchmark: str, split: str) -> str:
        return f"{self.folder}/windows/benchmarks/{benchmark}.{split}.arrow"

    def dev_windows(self, benchmark: str, split: str) -> str:
        """The windows of the dev data by which models are chosen and calibrated."""
        return f"{self.folder}/windows/dev/{benchmark}.{split}.arrow"

    def phrase_windows(self, language: str) -> str:
        return f"{self.folder}/windows/phrases.{language}.arrow"

    def manifest(self, stage: str) -> str:
        """Of a stage that trains nothing, such as ``translate.es`` or ``windows.mixed``."""
        return f"{self.folder}/manifests/{stage}.json"

    # ------------------------------------------------------------------------------------- systems

    @property
    def systems(self) -> str:
        return f"{self.folder}/systems"

    def system(self, system: str, seed: int | str) -> SystemPaths:
        return SystemPaths.under(self.systems, system, seed)

    @property
    def sweep(self) -> str:
        return f"{self.folder}/sweep"

    def swept(self, point: str, seed: int | str) -> SystemPaths:
        """A student of the sweep."""
        return SystemPaths.under(self.sweep, point, seed)

    # -------------------------------------------------------------------------------------- report

    @property
    def tables(self) -> str:
        return f"{self.folder}/tables"

    def table(self, file: str) -> str:
        """A file of the tables, such as ``table2.csv`` or ``comparisons.md``."""
        return f"{self.tables}/{file}"

    def figure(self, name: str) -> str:
        return f"{self.folder}/figures/{name}.svg"

    @property
    def summary(self) -> str:
        """What the run prints at its end."""
        return self.table("summary.txt")

    @property
    def report(self) -> str:
        return f"{self.folder}/report.html"

    @property
    def explorer(self) -> str:
        """The page in which every question can be read with its predictions."""
        return f"{self.folder}/explorer.html"

    @property
    def logs(self) -> str:
        return f"{self.folder}/logs"

    @property
    def benchmarks(self) -> str:
        """Folder of Snakemake's own measurements."""
        return f"{self.folder}/benchmarks"

    @property
    def code_records(self) -> str:
        return f"{self.folder}/{CODE_RECORDS}"
