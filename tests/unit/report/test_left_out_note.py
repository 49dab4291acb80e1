import json

from lbmrc.report.left_out_note import left_out_note


def scores(folder, system, cell, **counts):
    path = folder / system / f"{cell}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"exact_match": 100.0, "f1": 100.0, **counts}))
    return path


def test_whole_benchmarks_need_no_note(tmp_path):
    assert left_out_note([scores(tmp_path, "a", "xquad.test.es.es")]) == ""


def test_each_file_is_counted_once(tmp_path):
    files = [
        scores(tmp_path, "a", "xquad.test.es.es"),
        scores(tmp_path, "a", "v2.test.en.en", questions=5928, left_out=5945),
        scores(tmp_path, "b", "v2.test.en.en", questions=5928, left_out=5945),
        scores(tmp_path, "a", "case.test.en.en", questions=4, left_out=1),
    ]
    assert left_out_note(files).endswith(
        "malformed. case.test.en.en: 1 of 5; v2.test.en.en: 5,945 of 11,873."
    )
