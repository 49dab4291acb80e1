import pandas as pd
import pytest
import yaml

from lbmrc.analysis.sweep import rank, to_markdown
from lbmrc.common.errors import UserError
from lbmrc.config.loading import parse

POINTS = {
    "low": {"nll_weight": 0.5, "kd_weight": 0.5, "temperature": 1.0, "weights": "uniform"},
    "high": {"nll_weight": 0.5, "kd_weight": 0.5, "temperature": 4.0, "weights": [0.2, 0.8]},
}


@pytest.fixture
def mini(repository) -> dict:
    return yaml.safe_load((repository / "config/mini.yaml").read_text(encoding="utf-8"))


def scores(f1: dict[tuple[str, int, str], float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "system": point,
                "seed": seed,
                "benchmark": "mlqa",
                "split": "dev",
                "passage_language": language,
                "question_language": language,
                "exact_match": value - 10,
                "f1": value,
            }
            for (point, seed, language), value in f1.items()
        ]
    )


def test_the_source_language_alone_decides():
    ranked = rank(
        scores(
            {
                ("low", 1, "en"): 60.0,
                ("low", 2, "en"): 62.0,
                ("low", 1, "es"): 90.0,
                ("low", 2, "es"): 90.0,
                ("high", 1, "en"): 61.0,
                ("high", 2, "en"): 63.0,
                ("high", 1, "es"): 10.0,
                ("high", 2, "es"): 20.0,
            }
        ),
        POINTS,
        "en",
    )
    assert list(ranked["point"]) == ["high", "low"]
    assert list(ranked["f1_en"]) == [62, 61] and list(ranked["exact_match_es"]) == [5, 80]
    assert list(ranked["seeds"]) == [2, 2]
    text = to_markdown(ranked, "ours-hyper", "en")
    rows = [line for line in text.splitlines() if line.startswith("| 0.5")]
    cells = [cell.strip() for cell in rows[0].strip("| ").split("|")]
    assert cells == ["0.5", "0.5", "4", "[0.2, 0.8]", "52.0 / 62.0", "5.0 / 15.0"]


def test_the_grid_is_all_combinations(mini):
    mini["sweep"]["grid"] = {"temperature": [1, 2], "weights": ["uniform", [0.2, 0.3, 0.5]]}
    points = parse(mini, "mini").sweep.points()
    assert list(points) == [
        "nll0.5_kd0.5_temperature1_uniform",
        "nll0.5_kd0.5_temperature1_0.2-0.3-0.5",
        "nll0.5_kd0.5_temperature2_uniform",
        "nll0.5_kd0.5_temperature2_0.2-0.3-0.5",
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"student": "mixmrc"}, 'no distilled system "mixmrc"'),
        ({"benchmark": "mlqua"}, 'did you mean "mlqa"'),
        ({"split": "test"}, "ever chosen on test data"),
        ({"benchmark": "xquad"}, "sweep.benchmark: xquad has no file of its own for dev"),
        ({"grid": {"weights": [[0.5, 0.5]]}}, "2 weights for 3 teachers"),
        ({"grid": {"temperature": [0]}}, "temperature: must be above 0; it is 0"),
    ],
)
def test_a_wrong_sweep_is_refused(mini, change, message):
    mini["sweep"] |= change
    with pytest.raises(UserError, match=message):
        parse(mini, "mini")
