"""`lbmrc plan --languages K`: how the cost of a run grows with the number of its languages.

Input: a config and numbers of languages K. Output: a table of the cost of K language branch
teachers and one student of all of them, once with each question asked in all K languages of a
branch and once in n of them (`branches.questions_per_passage`). Teacher M_en is trained on D_en,
the other M_k on D_en and D_k; all write logits on the union D. All else is as in the config.
"""

from collections.abc import Collection, Iterator, Sequence

from lbmrc.config.experiments import Distil, System
from lbmrc.config.schema import Branches, Config
from lbmrc.planning.plan import (
    Job,
    backbone_shape,
    jobs,
    share_of_rate,
    si,
    time_text,
)
from lbmrc.planning.workload import dataset_load, least_certain, training_size

_COLUMNS = ("D", "logits", "train", "distil", "predict", "total", "disk", "scratch")
_GROWTH = {
    "all": ("K²", "K³", "2K² - K", "K²", "K + 1", "K³", "K³", "K³"),
    "n": ("nK", "nK²", "n(2K - 1)", "nK", "K + 1", "nK²", "nK²", "nK²"),
}


def with_languages(config: Config, count: int, asked: int) -> Config:
    """The config with ``count`` languages, a teacher for each and one student.

    Languages beyond those of the config have invented names.

    Args:
        count: K.
        asked: n, the languages in which a branch asks each question.
    """
    more = [f"language-{number}" for number in range(len(config.languages) + 1, count + 1)]
    source, *others = [*config.languages, *more][:count]
    english = f"branch.{source}"
    systems = {"teacher-1": System(train=[english])} | {
        f"teacher-{number}": System(train=[english, f"branch.{language}"])
        for number, language in enumerate(others, 2)
    }
    student = System(distil=Distil(teachers=[*systems], weights="uniform"))
    return config.model_copy(
        update={
            "languages": [source, *others],
            "branches": Branches(questions_per_passage=asked),
            "systems": systems | {"student": student},
        }
    )


def jobs_of(config: Config, count: int, asked: int) -> Iterator[Job]:
    """The jobs of a run with ``count`` languages, each question asked in ``asked`` of them.

    Each pair of a passage language and a question language is assumed to have as many windows as
    the English training data, counted if they exist.

    Raises:
        UserError: if a file is missing and its size is unknown.
    """
    pair = dataset_load(config, f"squad.{config.languages[0]}")
    return jobs(with_languages(config, count, asked), lambda _, _branch: pair.times(asked))


def growth_report(config: Config, counts: Sequence[int], rate: float | None, rate_mark: str) -> str:
    """The table; times instead of operations if ``rate`` (matrix products, FLOP/s) is given."""
    share, share_mark = share_of_rate(config)
    few, (size, mark) = config.asked_languages(), training_size(config)
    marks = [backbone_shape(config).mark] + ([rate_mark, share_mark] if rate else [])

    def cost(part: Collection[Job]) -> str:
        flops = sum(job.flops for job in part)
        return time_text(flops / rate / share / 3600) if rate else si(flops)

    rows: list[tuple[str, ...]] = [("", *_COLUMNS)]
    for count in sorted(set(counts)):
        for asked in (count, few) if few < count else (count,):
            planned = list(jobs_of(config, count, asked))
            of = {
                stage: [job for job in planned if job.stage == stage]
                for stage in ("logits", "train", "distil", "predict")
            }
            marks += [job.load.mark for job in planned]
            rows.append(
                (
                    f"K = {count}, " + ("all" if asked == count else f"n = {asked}"),
                    si(of["logits"][0].load.windows),
                    *map(cost, (*of.values(), planned)),
                    f"{si(sum(size for job in planned for size in job.files.values()))}B",
                    f"{si(max(job.working for job in planned))}B",
                )
            )
    rows += [(f"grows as, {name}", *texts) for name, texts in _GROWTH.items()]
    seeds = f", in {len(config.seeds)} seeds" if len(config.seeds) > 1 else ""
    return "\n".join(
        [
            f"The run `{config.run}` with K languages: K teachers, their logits on the union D and",
            f"one student{seeds}. {size.questions:,} English training questions {mark}, asked in "
            "all K languages of a branch or in n.",
            f"{'Time' if rate else 'FLOP'} of the stages:",
            "",
            *(f"{name:18}" + "".join(f"{cell:>11}" for cell in cells) for name, *cells in rows),
            "",
            f"All {least_certain(marks)} (c counted, m measured, a assumed). D: its windows; disk: "
            "what stays",
            "under results/; scratch: what a job also holds until it ends, such as the logits that "
            "a student expands.",
            "Not in it: translation, which grows as K - 1.",
        ]
    )
