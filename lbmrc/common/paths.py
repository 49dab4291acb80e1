"""Paths of a run's files: every path below ``results/`` is defined here and nowhere else.

A path is a string relative to the working directory, as Snakemake compares them; for a wildcard,
``"{system}"`` gives the pattern. Standard library only: rules use this at parse time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

RESULTS = "results"
CODE_RECORDS = "manifests/code"
"""Folder of a run that records the modules behind each code fingerprint."""


@dataclass(frozen=True)
class SystemPaths:
    """The files of one system trained with one seed, below ``folder``.

    A ``cell`` names a file of predictions: benchmark, split, passage language, question language.
    """

    folder: str

    @classmethod
    def under(cls, systems: str | Path, system: str, seed: int | str) -> "SystemPaths":
        """The paths in a folder of several systems."""
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
        """Manifest of the training, or of the selection of its checkpoint on dev data."""
        return f"{self.folder}/manifest.json"

    @property
    def logits(self) -> str:
        """A teacher's logits on every window of the union."""
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
        """The scores per question, of all cells."""
        return f"{self.folder}/scores/questions.parquet"


@dataclass(frozen=True)
class RunPaths:
    """The files of one run, below ``folder``."""

    folder: str

    @classmethod
    def of(cls, run: str) -> "RunPaths":
        """The paths of the run with this name, below ``results/<run>``."""
        return cls(f"{RESULTS}/{run}")

    # ---------------------------------------------------------------------------------------- data

    def articles(self, name: str, file: str) -> str:
        """Selected articles of a published file."""
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
        """The windows of the dev data on which models are selected and calibrated."""
        return f"{self.folder}/windows/dev/{benchmark}.{split}.arrow"

    def phrase_windows(self, language: str) -> str:
        return f"{self.folder}/windows/phrases.{language}.arrow"

    def manifest(self, stage: str) -> str:
        """Manifest of a stage that trains nothing, such as ``translate.es``, ``windows.mixed``."""
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
        """The summary that the run prints at its end."""
        return self.table("summary.txt")

    @property
    def report(self) -> str:
        return f"{self.folder}/report.html"

    @property
    def explorer(self) -> str:
        """The page that shows every question with its predictions."""
        return f"{self.folder}/explorer.html"

    @property
    def logs(self) -> str:
        return f"{self.folder}/logs"

    @property
    def benchmarks(self) -> str:
        """Folder of Snakemake's benchmark files."""
        return f"{self.folder}/benchmarks"

    @property
    def code_records(self) -> str:
        return f"{self.folder}/{CODE_RECORDS}"
