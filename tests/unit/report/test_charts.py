"""The charts, from frames written by hand; and what an edit of one of them reruns."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lbmrc.analysis.error_analysis import KINDS
from lbmrc.report.charts.answer_kinds import plot_answer_kinds
from lbmrc.report.charts.boundaries import plot_boundaries
from lbmrc.report.charts.calibration import plot_calibration, to_markdown
from lbmrc.report.charts.language_pairs import plot_language_pairs
from lbmrc.report.charts.losses import plot_losses
from lbmrc.report.charts.recovery import plot_recovery
from lbmrc.report.charts.style import save
from lbmrc.report.charts.teacher_weights import plot_teacher_weights
from lbmrc.runtime.code_fingerprint import import_closure

CALIBRATION = dict(
    temperature=1.7,
    ece_before=0.21,
    ece_after=0.04,
    accuracy=0.7,
    questions=100,
    dataset="squad.dev.en.en",
    bins_before=[[40, 0.65, 0.5], [60, 0.95, 0.8]],
    bins_after=[[100, 0.72, 0.7]],
)
ROOT = Path(__file__).parents[3]


def every_figure():
    cells = pd.DataFrame(
        [
            ("mlqa", "test", s, c, q, 1.0, 2.0)
            for s in "ab"
            for c in ("en", "es")
            for q in ("en", "es")
        ],
        columns=[
            "benchmark",
            "split",
            "system",
            "passage_language",
            "question_language",
            "exact_match",
            "f1",
        ],
    )
    keys = {"benchmark": "mlqa", "split": "test", "system": ["a", "b"]}
    boundary = pd.DataFrame(keys | {"language": "all", "exact": 0.5, "overlapping": 0.3,
                                    "elsewhere": 0.2, "whole_word_exact": 0.6})  # fmt: skip
    kinds = pd.DataFrame(keys | {"kind": "type", "group": "date", "answers": 3, "f1": 50.0})
    weight = pd.DataFrame({"teachers": "a + b", "weighting": "confident", "teacher": ["a", "b"],
                           "passage_language": "en", "question_language": "en",
                           "weight_start": [0.4, 0.6], "weight_end": 0.5})  # fmt: skip
    agreement = pd.DataFrame({"teachers": "a + b", "side": ["start", "end"],
                              "passage_language": "all", "uniform": 0.5, "confident": 0.6,
                              "as-printed": 0.4})  # fmt: skip
    funnel = {"language": "es", "questions": 10, "kept": 7, "lost": {"empty": 3}}
    journal = pd.DataFrame({"system": "a", "seed": [1, 1], "epoch": [0.5, 1], "nll": [2.0, 1.0],
                            "kd": [np.nan, np.nan]})  # fmt: skip
    return {
        "gxlt": lambda: plot_language_pairs(cells),
        "boundaries": lambda: plot_boundaries(boundary),
        "answers": lambda: plot_answer_kinds(kinds),
        "weights": lambda: plot_teacher_weights(weight, agreement),
        "no-disputes": lambda: plot_teacher_weights(weight, agreement.iloc[:0]),
        "recovery": lambda: plot_recovery([funnel]),
        "cascade": lambda: plot_recovery([funnel | {"steps": {"markers": 5, "verbatim": 2}}]),
        "training": lambda: plot_losses(journal),
        "calibration": lambda: plot_calibration({("a", "1"): CALIBRATION, ("b", "1"): CALIBRATION}),
    }


@pytest.mark.parametrize("name", every_figure())
def test_figures_are_svg_in_the_colour_of_the_text_and_the_same_each_time(name, tmp_path):
    paths = [tmp_path / "one.svg", tmp_path / "two.svg"]
    for path in paths:
        save(every_figure()[name](), path)
    text = paths[0].read_text(encoding="utf-8")
    assert text == paths[1].read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).tag.endswith("svg")
    assert "currentColor" in text and "#010203" not in text


STEPS = {"markers": 81_000, "projected": 900, "standalone": 50, "verbatim": 40, "attention": 9}


@pytest.mark.parametrize("steps", [None, STEPS])
def test_the_legend_of_many_losses_stays_inside_the_recovery_figure(steps):
    lost = {f"a-rather-long-reason-{n}": 100 for n in range(9)}
    funnel = {"language": "es", "questions": 87_599, "kept": 81_999, "lost": lost}
    drawn = plot_recovery([funnel | ({"steps": steps} if steps else {})])
    drawn.canvas.draw()
    for ax in drawn.axes:
        legend = ax.get_legend().get_window_extent()
        for corner in (legend.min, legend.max):
            assert drawn.bbox.contains(*corner)


def test_the_table_of_calibrations_is_in_points():
    row = to_markdown({("a", "42"): CALIBRATION}).splitlines()[-1]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells == ["a", "42", "squad.dev.en.en", "100", "70.0%", "1.70", "21.0", "4.0"]


def test_each_type_and_length_of_answers_has_a_shape_and_a_colour_of_its_own():
    groups = [(kind, group) for kind, groups in KINDS.items() for group in groups]
    rows = [("mlqa", "test", "a", *group, 3, 50.0) for group in groups]
    columns = ["benchmark", "split", "system", "kind", "group", "answers", "f1"]
    drawn = plot_answer_kinds(pd.DataFrame(rows, columns=columns))
    points = [line for ax in drawn.axes for line in ax.lines]
    assert len(points) == len(groups)
    assert len({line.get_marker() for line in points}) == len(groups)
    assert len({line.get_color() for line in points}) == len(groups)


@pytest.mark.parametrize(("benchmarks", "rows"), [(3, 1), (4, 2), (7, 3)])
def test_the_panels_of_many_benchmarks_are_three_to_a_row(benchmarks, rows):
    names = [f"b{n}" for n in range(benchmarks)]
    keys = pd.DataFrame({"benchmark": names, "split": "test", "system": "a"})
    shares = {"exact": 0.5, "overlapping": 0.3, "elsewhere": 0.2, "whole_word_exact": 0.6}
    point = {"kind": "type", "group": "date", "answers": 3, "f1": 50.0}
    for drawn, each in [
        (plot_boundaries(keys.assign(language="all", **shares)), 1),
        (plot_answer_kinds(keys.assign(**point)), 2),
    ]:
        grid = drawn.axes[0].get_gridspec()
        assert (grid.nrows, grid.ncols) == (each * rows, 3)
        shown = [ax for ax in drawn.axes if ax.axison]
        assert len(shown) == each * benchmarks
        assert {ax.get_title(loc="left").split()[0] for ax in shown} == set(names)
        drawn.canvas.draw()
        labels = [ax.xaxis.get_ticklabels()[0].get_visible() for ax in shown if ax.get_xlabel()]
        assert labels == [True] * benchmarks


def test_the_boundaries_show_what_whole_words_would_make_exact():
    keys = {"benchmark": "mlqa", "split": "test", "system": ["a", "b"], "language": "all"}
    shares = {"exact": [0.5, 0.6], "overlapping": 0.3, "elsewhere": [0.2, 0.1]}
    frame = pd.DataFrame(keys | shares | {"whole_word_exact": [0.55, 0.6]})
    drawn = plot_boundaries(frame)
    (strokes,) = drawn.axes[0].lines
    assert list(strokes.get_xdata()) == pytest.approx([55, 60])
    assert "exact as whole words" in [text.get_text() for text in drawn.legends[0].get_texts()]


def test_dev_scores_are_drawn_where_they_chose_and_the_chosen_is_marked():
    steps = {"system": ["a"] * 3 + ["b"] * 3, "epoch": [1, 2, 3] * 2, "nll": 1.0}
    metrics = pd.DataFrame(steps | {"seed": 1})
    dev = pd.DataFrame({"system": "a", "seed": 1, "epoch": [1, 2, 3], "f1": [50, 70, 60],
                        "chosen": [False, True, False]})  # fmt: skip
    drawn = plot_losses(metrics, dev)
    left, other, right = drawn.axes
    curve, ring = right.lines
    assert list(curve.get_ydata()) == [50, 70, 60]
    assert (list(ring.get_xdata()), list(ring.get_ydata())) == ([2], [70])
    labels = [[text.get_text() for text in ax.get_legend().get_texts()] for ax in (left, other)]
    assert labels == [["NLL", "dev F1 (right)"], ["NLL"]]
    assert len(plot_losses(metrics).axes) == 2


def test_long_training_makes_no_large_figure(tmp_path):
    steps = np.arange(1, 30_001)
    journal = pd.DataFrame({"system": "a", "seed": 1, "epoch": steps / 3000, "nll": 9 / steps})
    save(plot_losses(journal), tmp_path / "training.svg")
    assert (tmp_path / "training.svg").stat().st_size < 40_000


@pytest.mark.parametrize(
    ("script", "charts"),
    [
        ("analyse_language_pairs", {"language_pairs", "heat_map"}),
        ("analyse_answers", {"boundaries", "answer_kinds"}),
        ("analyse_teacher_weights", {"teacher_weights", "heat_map"}),
        ("plot_recovery", {"recovery"}),
        ("plot_losses", {"losses"}),
        ("plot_calibration", {"calibration"}),
    ],
)
def test_a_script_draws_its_own_charts_and_shares_their_style_alone(script, charts):
    closure = import_closure(ROOT / f"workflow/scripts/{script}.py", ROOT)
    drawn = {path.stem for path in closure if path.parent.name == "charts"}
    assert drawn == charts | {"__init__", "style"}
