"""Tokens and windows of real text: the usual ways and ours.

    python benchmarks/tokenization.py --xquad FOLDER [--rounds 5] [--examples 60]

Texts: the passages and questions of XQuAD in nine languages, each once. transformers' XLMTokenizer
gives the ids of whole texts; ours gives the same ids (first asserted for all texts) and also each
token's characters. Cold: each round starts with an empty word cache. Warm: all words are in the
cache, as nearly always in a large corpus.

Windows of D (en, es, de; 384/128): the usual way is run_squad's: each example separately, word by
word, its answer searched among the words' subwords, lists padded to 384. It is slow, so it is timed
on ``--examples`` random examples of D and scaled up; its tokenizer is warm, and its last step
(which window shows a token best) is left out. Ours is `lbmrc.windows.build.write_windows` on all of
D, including writing the file, with a cold tokenizer.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from paired import compare, in_turns, publish, table
from real_text import BRANCHES, FOLDER, LANGUAGES, examples, tokenizer, union
from transformers import XLMTokenizer

from lbmrc.config.stages import WindowSettings
from lbmrc.data.examples import Example
from lbmrc.tokenization.tokenize import tokenize
from lbmrc.windows.build import write_windows

SETTINGS = WindowSettings()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--xquad", type=Path, required=True, help="folder of xquad.*.json")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--examples", type=int, default=60, help="of D, for the run_squad way")
    options = parser.parse_args()

    load = partial(tokenizer, options.xquad, FOLDER / "tokenizer")
    texts = distinct_texts(options.xquad)
    warm = load()
    assert_same_ids(texts, warm)
    print(f"ids of all {len(texts):,} texts are the reference's\n")
    results = {"texts": len(texts), "characters": sum(len(text) for _, text in texts)}

    ways = {
        "transformers, ids": lambda: timed(reference, texts, load()),
        "ours, ids and offsets": lambda: timed(ours, texts, load()),
    }
    results["cold"] = measured(ways, options.rounds, len(texts), "texts", "Texts, cold")
    ways = {
        "transformers, ids": lambda: timed(reference, texts, warm),
        "ours, ids and offsets": lambda: timed(ours, texts, warm),
    }
    results["warm"] = measured(ways, options.rounds, len(texts), "texts", "Texts, warm")

    d = list(union(options.xquad))
    some = random.Random(0).sample(d, options.examples)
    ways = {
        "run_squad's way": lambda: timed(run_squad, some, warm) * len(d) / len(some),
        "ours": lambda: timed(our_windows, d, load()),
    }
    title = f"Windows of the {len(d):,} examples of D ({', '.join(BRANCHES)})"
    results["windows"] = measured(ways, options.rounds, len(d), "examples", title)
    results |= {"examples": len(d), "examples_of_run_squad": len(some)}
    publish("tokenization", results)


def measured(
    ways: dict[str, Callable[[], float]], rounds: int, work: int, unit: str, title: str
) -> dict:
    usual = next(iter(ways))
    compared = compare(in_turns(ways, rounds), usual, work)
    print(table(compared, unit, title), flush=True)
    return compared.to_dict("index")


def timed(way: Callable[[Sequence, XLMTokenizer], None], work: Sequence, with_tokenizer) -> float:
    """CPU seconds of this single-threaded process: other work on the machine matters little."""
    started = time.process_time()
    way(work, with_tokenizer)
    return time.process_time() - started


# ------------------------------------------------------------------------------------------ texts


def distinct_texts(xquad: Path) -> list[tuple[str, str]]:
    """(language, text) of each passage and question."""
    found = (
        (language, text)
        for language in LANGUAGES
        for example in examples(xquad, language)
        for text in (example.passage, example.question)
    )
    return list(dict.fromkeys(found))


def reference_ids(text: str, with_tokenizer: XLMTokenizer) -> list[int]:
    return with_tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]


def assert_same_ids(texts: Sequence[tuple[str, str]], with_tokenizer: XLMTokenizer) -> None:
    for language, text in texts:
        ids, _ = tokenize(text, language, with_tokenizer)
        assert ids.tolist() == reference_ids(text, with_tokenizer), (language, text)


def reference(texts: Sequence[tuple[str, str]], with_tokenizer: XLMTokenizer) -> None:
    for _, text in texts:
        reference_ids(text, with_tokenizer)


def ours(texts: Sequence[tuple[str, str]], with_tokenizer: XLMTokenizer) -> None:
    for language, text in texts:
        tokenize(text, language, with_tokenizer)


# ---------------------------------------------------------------------------------------- windows


def our_windows(some: Sequence[Example], with_tokenizer: XLMTokenizer) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_windows(
            Path(folder) / "windows.arrow",
            some,
            with_tokenizer,
            SETTINGS,
            dataset="union",
            for_prediction=False,
        )


def run_squad(some: Sequence[Example], with_tokenizer: XLMTokenizer) -> None:
    for example in some:
        features(example, with_tokenizer)


def features(example: Example, with_tokenizer: XLMTokenizer) -> list[dict[str, object]]:
    """The features of run_squad's squad_convert_example_to_features for training."""
    words, word_of = split_words(example.passage)
    pieces: list[str] = []
    first_piece = []
    for word in words:
        first_piece.append(len(pieces))
        pieces += with_tokenizer.tokenize(word)
    answer = example.answers[0]
    first = first_piece[word_of[answer.start]]
    last_word = word_of[answer.end - 1]
    last = first_piece[last_word + 1] - 1 if last_word + 1 < len(words) else len(pieces) - 1
    first, last = improved(pieces, first, last, " ".join(with_tokenizer.tokenize(answer.text)))

    question = with_tokenizer.encode(
        example.question,
        add_special_tokens=False,
        truncation=True,
        max_length=SETTINGS.max_question_length,
    )
    end = with_tokenizer.sep_token_id
    head = [end, *question, end, end]
    room = SETTINGS.max_length - len(head) - 1
    langs = [
        with_tokenizer.lang2id[language]
        for language in (example.question_language, example.passage_language)
    ]
    found: list[dict[str, object]] = []
    begin = 0
    while True:
        some = pieces[begin : begin + room]
        ids = [*head, *with_tokenizer.convert_tokens_to_ids(some), end]
        fill = SETTINGS.max_length - len(ids)
        inside = begin <= first and last < begin + len(some)
        found.append(
            {
                "input_ids": ids + [with_tokenizer.pad_token_id] * fill,
                "attention_mask": [1] * len(ids) + [0] * fill,
                "token_type_ids": [0] * len(head) + [1] * (len(some) + 1) + [0] * fill,
                "langs": [langs[0]] * len(head) + [langs[1]] * (SETTINGS.max_length - len(head)),
                "start_position": first - begin + len(head) if inside else 0,
                "end_position": last - begin + len(head) if inside else 0,
            }
        )
        if begin + len(some) == len(pieces):
            return found
        begin += min(len(some), SETTINGS.stride)


def split_words(text: str) -> tuple[list[str], list[int]]:
    """The words between white space, and the number of the word at each character."""
    words: list[str] = []
    word_of = []
    after_blank = True
    for character in text:
        if character.isspace():
            after_blank = True
        else:
            if after_blank:
                words.append(character)
            else:
                words[-1] += character
            after_blank = False
        word_of.append(max(0, len(words) - 1))
    return words, word_of


def improved(pieces: list[str], first: int, last: int, answer: str) -> tuple[int, int]:
    """The span inside the answer's words that is the answer's own subwords, if there is one."""
    for start in range(first, last + 1):
        for end in range(last, start - 1, -1):
            if " ".join(pieces[start : end + 1]) == answer:
                return start, end
    return first, last


if __name__ == "__main__":
    main()
