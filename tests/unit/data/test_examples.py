import pytest

from lbmrc.common.errors import UserError
from lbmrc.data.examples import Answer, Example, majority_first, read_examples, write_examples

ONE, TWO, THREE = Answer("red", 6), Answer("It is red", 0), Answer("is", 3)


def example(*answers):
    return Example("1", "a/0", "en", "es", "It is red.", "¿Qué?", answers)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((ONE, TWO, TWO), (TWO, ONE, TWO)),
        ((ONE, TWO, ONE), (ONE, TWO, ONE)),
        ((ONE, TWO, THREE), (ONE, TWO, THREE)),  # no majority: the first
        ((ONE, TWO, THREE, THREE, TWO), (TWO, ONE, THREE, THREE, TWO)),
        ((), ()),
    ],
)
def test_the_answer_that_most_annotators_gave_comes_first(given, expected):
    assert majority_first(example(*given)) == example(*expected)


def test_examples_come_back_as_they_were_written(tmp_path):
    examples = [example(ONE, TWO), example()]
    assert write_examples(tmp_path / "e.parquet", iter(examples)) == 2
    assert list(read_examples(tmp_path / "e.parquet")) == examples


def test_what_holds_no_examples_is_refused(tmp_path):
    (tmp_path / "text").write_text("hello")
    with pytest.raises(UserError, match=r"text: not a readable Parquet file .*run again"):
        list(read_examples(tmp_path / "text"))
