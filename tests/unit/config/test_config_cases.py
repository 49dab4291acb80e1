"""Configs that people have written, each with what is wrong in it."""

import pytest

from lbmrc.common.errors import UserError
from lbmrc.config.loading import load

CONFIG = """\
run: case
same_data_as_paper: false
seeds: [42]
device: {kind: cpu}
languages: [en]
data:
  folder: data
  source: {kind: folder}
  squad: {train: {file: train.json}}
translation: {engines: {}}
backbone: {folder: lbmrc/miniworld/checkpoints/xlm}
windows: {max_length: 64, stride: 32, max_question_length: 16}
training: {epochs: 1, batch_size: 4, warmup_steps: 1, max_steps: 2}
systems:
  baseline: {train: [squad.en]}
benchmarks:
  bench: {metric: squad, file: "bench.{context}.json", languages: [en]}
"""

CASES = {
    "a date as a seed": (
        {"[42]": "[20261127143500]"},
        "seeds.0: must be between 0 and 4294967295; it is 20261127143500",
    ),
    "one file for two languages": (
        {'"bench.{context}.json", languages: [en]': "bench.en.json, languages: [en, es]"},
        "benchmarks.bench.file: needs {context}, since there are several languages",
    ),
    "a placeholder of another key": (
        {"{context}": "{language}"},
        "benchmarks.bench.file: unknown {language} (known: {split}, {context}, {question})",
    ),
    "a marker that is nothing": (
        {"{engines: {}}": "{engines: {}, markers: ['', ')]']}"},
        "translation.markers: a marker is blank",
    ),
    "a marker within the other": (
        {"{engines: {}}": "{engines: {}, markers: ['*', '**']}"},
        'translation.markers: one marker holds the other: "*", "**"',
    ),
    "a section twice": (
        {"systems:": "training: {learning_rate: 3.0e-5}\nsystems:"},
        "training is there twice (lines 13 and 14)",
    ),
    "noise in real data": (
        {"engines: {}": "engines: {}, noise: {wrong_words: 0.1}"},
        "translation.noise: is only for the synthetic corpus (data.source.kind: miniworld), and "
        "the source here is folder; remove it",
    ),
    "more noise than there can be": (
        {"engines: {}": "engines: {}, noise: {lost_markers: 10}"},
        "translation.noise.lost_markers: must be 1 or less; it is 10",
    ),
    "Norwegian": (
        {
            "languages: [en]\ndata": "languages: [en, 'no']\ndata",
            "engines: {}": "engines: {no: {engine: ready-made, file: no.json}}",
        },
        "translation.engines: the key is false, not text; YAML reads no, yes, on, off as "
        'true/false: put it in quotes, "no" or "off"',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_case(case, tmp_path):
    edits, problem = CASES[case]
    text = CONFIG
    for old, new in edits.items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        load(path)
    assert str(error.value) == f"{path}: {problem}"


def test_they_are_right_but_for_that(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    assert load(path).run == "case"
