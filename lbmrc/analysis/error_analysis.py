"""Error analysis: answer boundaries of wrong predictions, and scores by type and length of answer.

The paper's intuition (Section 1) is that the passage is where "the exact answer boundary" must be
pinpointed. Input: the scores per question (`lbmrc.evaluation.question_scores`), each in the
language of its passage. Output, by system: how many wrong predictions overlap the gold answer and
how far off their edges are, and scores by the answer's type and length.
"""

import re

import pandas as pd

from lbmrc.common.markdown import markdown_table, number, percent
from lbmrc.common.spans import overlap

TYPES = ["number", "date", "name", "other"]
LENGTHS = ["1", "2", "3-4", "5+"]
KINDS = {"type": TYPES, "length": LENGTHS}
_KEYS = ["benchmark", "split", "system"]
ALL = "all"

_MONTHS = (
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday"
).title()
_CALENDAR = re.compile(rf"\b({_MONTHS.replace(' ', '|')})\b|\bcentur(y|ies)\b|\b\d{{2,4}}s\b")
_YEARS = re.compile(
    r"(?:(?:1\d{3}|20\d{2})|AD|BC|CE|BCE|in|the|year|from|to|between|and|until|since|by|c\.|[-–,])"
    r"(?:\s+|(?=[-–,])|(?<=[-–])|$)",
)
_NUMBER_WORDS = re.compile(
    r"\b(zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|"
    r"ninety|hundred|thousand|million|billion|dozen|half|third|quarter|first|second|once|twice)\b",
    re.IGNORECASE,
)
_SMALL_WORDS = {"of", "the", "and", "de", "la", "von", "van", "der", "for", "in", "on", "at", "a"}


def answer_type(text: str) -> str:
    """The type of an English answer, by its form alone; the first rule that applies.

    ``date``: it contains a month, a weekday, a century or a decade (the 1920s), or only years from
    1000 to 2099 and words such as *in*, *from*, *to*. ``number``: it contains a digit or a number
    word. ``name``: all words but articles and prepositions are capitalised. ``other``: the rest.
    """
    if _CALENDAR.search(text) or (re.search(r"\d{4}", text) and not _YEARS.sub("", text).strip()):
        return "date"
    if re.search(r"\d", text) or _NUMBER_WORDS.search(text):
        return "number"
    words = [word for word in re.findall(r"[^\W_]+", text) if word.lower() not in _SMALL_WORDS]
    return "name" if words and all(word[0].isupper() for word in words) else "other"


def answer_length(text: str) -> str:
    """The number of words, split at white space: 1, 2, 3-4 or 5+."""
    words = len(text.split())
    return str(max(words, 1)) if words <= 2 else "3-4" if words <= 4 else "5+"


def same_language(questions: pd.DataFrame) -> pd.DataFrame:
    """The questions in the language of their passage."""
    return questions[questions["passage_language"] == questions["question_language"]]


def by_kind(questions: pd.DataFrame) -> pd.DataFrame:
    """Scores by type and by length of the gold answer, over all languages and seeds.

    A question's type is that of its English gold answer (ids are the same in all languages), or of
    its own if it does not exist in English. Its length is that of its own gold answer.

    Columns: benchmark, split, system, kind (``type`` or ``length``), group, answers (questions
    times seeds), exact_match, f1 (percent).
    """
    rows = same_language(questions)
    english = rows[rows["passage_language"] == "en"].drop_duplicates(["benchmark", "split", "id"])
    keys = pd.MultiIndex.from_frame(rows[["benchmark", "split", "id"]])
    texts = english.set_index(["benchmark", "split", "id"])["gold"].reindex(keys)
    texts = texts.reset_index(drop=True).where(lambda t: t.notna(), rows["gold"].to_numpy())
    groups = {"type": _map(texts, answer_type), "length": _map(rows["gold"], answer_length)}
    frames = []
    for kind, values in groups.items():
        part = rows.assign(group=pd.Categorical(values, KINDS[kind]))
        frame = part.groupby([*_KEYS, "group"], sort=False, observed=True).agg(
            answers=("id", "size"), exact_match=("exact_match", "mean"), f1=("f1", "mean")
        )
        frame[["exact_match", "f1"]] *= 100
        frames.append(frame.reset_index().assign(kind=kind, group=lambda f: f["group"].astype(str)))
    frame = pd.concat(frames, ignore_index=True)
    return frame[[*_KEYS, "kind", "group", "answers", "exact_match", "f1"]]


def _map(texts: pd.Series, function) -> list[str]:
    known = {text: function(text) for text in texts.unique()}
    return [known[text] for text in texts]


def boundaries(questions: pd.DataFrame) -> pd.DataFrame:
    """How far off the wrong predictions are, for each language and for ``all`` of them.

    A prediction is wrong if it is not an exact match. It overlaps if it shares a character with the
    nearest gold answer; its edges are off by the distance between the two starts plus that between
    the two ends, in code points.

    Columns: benchmark, split, system, language, answers (questions times seeds), exact,
    overlapping, elsewhere (shares of all answers), overlap (share of the wrong ones), edges_mean,
    edges_median (of the overlapping ones), start_right, end_right (shares of the overlapping ones
    with that edge right), and what extending each prediction to whole words would change:
    whole_word_exact (share of all answers), repaired, broken (how many answers become exact, and
    stop being exact), f1, whole_word_f1 (means, 0 to 1).
    """
    rows = same_language(questions)
    wrong = rows["exact_match"] == 0
    start = (rows["prediction_start"] - rows["gold_start"]).abs()
    end = (rows["prediction_end"] - rows["gold_end"]).abs()
    prediction = rows["prediction_start"], rows["prediction_end"]
    overlapping = wrong & overlap(prediction, (rows["gold_start"], rows["gold_end"]))
    exact_as_words = rows["whole_word_exact_match"] == 1
    marked = rows.assign(
        wrong=wrong,
        exact_as_words=exact_as_words,
        repaired=wrong & exact_as_words,
        broken=~wrong & ~exact_as_words,
        overlapping=overlapping,
        edges=(start + end).where(overlapping),
        start_right=(start == 0).where(overlapping),
        end_right=(end == 0).where(overlapping),
    )
    both = pd.concat([marked.assign(passage_language=ALL), marked])
    frame = both.groupby([*_KEYS, "passage_language"], sort=False).agg(
        answers=("id", "size"),
        wrong=("wrong", "mean"),
        overlapping=("overlapping", "mean"),
        edges_mean=("edges", "mean"),
        edges_median=("edges", "median"),
        start_right=("start_right", "mean"),
        end_right=("end_right", "mean"),
        whole_word_exact=("exact_as_words", "mean"),
        repaired=("repaired", "sum"),
        broken=("broken", "sum"),
        f1=("f1", "mean"),
        whole_word_f1=("whole_word_f1", "mean"),
    )
    frame = frame.reset_index(names=[*_KEYS, "language"])
    frame["exact"] = 1 - frame["wrong"]
    frame["elsewhere"] = frame["wrong"] - frame["overlapping"]
    frame["overlap"] = frame["overlapping"] / frame["wrong"].where(frame["wrong"] > 0)
    shares = ["exact", "overlapping", "elsewhere", "overlap"]
    edges = ["edges_mean", "edges_median", "start_right", "end_right"]
    words = ["whole_word_exact", "repaired", "broken", "f1", "whole_word_f1"]
    frame = frame[[*_KEYS, "language", "answers", *shares, *edges, *words]]
    return frame.astype(dict.fromkeys([*shares, *edges], float))


def to_markdown(boundary: pd.DataFrame, kinds: pd.DataFrame) -> str:
    """Boundaries over all languages, then F1 by type and by length."""
    parts = [
        "# Boundaries and answers",
        "Each question in the language of its passage, all languages and seeds together. Wrong: no "
        "exact match. Edges: distance between the starts plus that between the ends, in "
        "characters, of wrong predictions that overlap the gold answer. A prediction is a text; "
        "where it occurs more than once, the occurrence nearest to gold counts. A backbone answers "
        "in subwords, which may cut a word. Whole words: the same predictions, each extended to "
        "the words that it begins and ends in; the paper's tables are without this, unless the "
        "config has `decoding: {whole_words: true}`.",
    ]
    every = boundary[boundary["language"] == ALL]
    for (benchmark, split), part in every.groupby(["benchmark", "split"], sort=False):
        rows = [
            [
                row.system,
                str(row.answers),
                percent(row.exact),
                percent(row.overlap),
                number(row.edges_mean),
                number(row.edges_median),
                percent(row.start_right),
                percent(row.end_right),
            ]
            for row in part.itertuples()
        ]
        header = ["system", "answers", "exact", "wrong ones that overlap", "edges off, mean"]
        header += ["edges off, median", "start right", "end right"]
        parts += [f"## {benchmark} {split}: boundaries", markdown_table(header, rows)]
        rows = [
            [
                row.system,
                percent(row.exact),
                percent(row.whole_word_exact),
                str(row.repaired),
                str(row.broken),
                percent(row.f1),
                percent(row.whole_word_f1),
            ]
            for row in part.itertuples()
        ]
        header = ["system", "exact", "exact, whole words", "answers repaired", "answers broken"]
        header += ["F1", "F1, whole words"]
        parts += [f"## {benchmark} {split}: whole words", markdown_table(header, rows)]
        for kind, groups in KINDS.items():
            part = kinds[(kinds["benchmark"] == benchmark) & (kinds["split"] == split)]
            part = part[part["kind"] == kind]
            square = part.pivot_table(index="system", columns="group", values="f1", sort=False)
            sizes = part.groupby("group")["answers"].max()
            groups = [group for group in groups if group in square.columns]
            rows = [[name, *map(number, row)] for name, row in square[groups].iterrows()]
            what = "type of answer" if kind == "type" else "words in the answer"
            header = ["system", *(f"{group} ({sizes[group]})" for group in groups)]
            parts += [f"## {benchmark} {split}: F1 by {what}", markdown_table(header, rows)]
    return "\n\n".join(parts) + "\n"
