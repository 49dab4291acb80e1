import pytest

from lbmrc.common.nearest import nearest

MANY = [f"article-{n:02}" for n in range(50)]


@pytest.mark.parametrize(
    ("name", "names", "hint"),
    [
        ("epoch", ["epochs", "batch_size"], ' (did you mean "epochs"?)'),
        ("xyz", ["b", "a"], " (known: a, b)"),
        ("article-7", ["article-17", *MANY], ' (did you mean "article-47"?)'),
        ("zzzz", MANY, ' (did you mean "article-49"?)'),
        ("x", [], ""),
    ],
)
def test_the_hint(name, names, hint):
    assert nearest(name, names) == hint
