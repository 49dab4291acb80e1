"""Programs of the user's as engines, alone and in a chain, from the config to the examples."""

import json
import re
import sys

import yaml
from micro import checkout, snakemake

from lbmrc.data.examples import read_examples

PROGRAM = """
import json, sys
if sys.argv[-1] == "--version": sys.exit(print("toy 1"))
for line in sys.stdin:
    item = json.loads(line)
    with open(sys.argv[2], "a") as asked: asked.write(line)
    text = item["text"].upper() if sys.argv[1] == "up" else item["text"].replace("A", "4")
    print(json.dumps({"id": item["id"], "text": text}))
"""


def test_a_program_and_a_chain_through_another_language(tmp_path):
    folder = checkout(tmp_path)
    (folder / "toy.py").write_text(PROGRAM)
    path = folder / "tests/micro.yaml"
    config = yaml.safe_load(path.read_text())
    up, leet = (
        {"engine": "command", "command": [sys.executable, "toy.py", *arguments]}
        for arguments in (("up", "asked.es"), ("leet", "asked.de"))
    )
    # German goes by way of Spanish, whose turn is first though the languages' order is another
    config["languages"] = ["en", "de", "es"]
    config["translation"]["engines"] = {
        "es": up,
        "de": {"engine": "chain", "through": ["es", leet]},
    }
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    run = folder / "results/micro"
    files = [f"results/micro/translation/{language}.recovery.json" for language in ("de", "es")]
    snakemake(folder, "--rerun-incomplete", *files)

    spanish, german = (read_examples(run / f"examples/squad.{x}.parquet") for x in ("es", "de"))
    assert [e.passage.replace("A", "4") for e in spanish] == [e.passage for e in german]
    assert spanish and all(e.passage.isupper() for e in spanish)
    asked = (folder / "asked.es").read_text().splitlines()
    texts = [json.loads(line)["text"] for line in asked]
    assert len(texts) == len(set(texts))  # the chain found all of its first leg in the store
    funnels = [
        json.loads((run / f"translation/{x}.recovery.json").read_text()) for x in ("es", "de")
    ]
    assert funnels[0]["engine"].endswith("toy.py up asked.es")
    assert funnels[1]["engine"].endswith("toy.py leet asked.de")
    assert funnels[1]["notes"]["leg_2_markers_lost"] == 0 < funnels[1]["kept"]

    # patience decides nothing; another program does, and what goes by way of it
    up["timeout"] = 1200
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    assert "Nothing to be done" in snakemake(folder, "-n", "--rerun-incomplete", *files)
    up["identity"] = "toy 2"
    path.write_text(yaml.safe_dump(config, sort_keys=False))
    planned = snakemake(folder, "-n", "--rerun-incomplete", *files)
    assert re.search(r"translate_squad +2\b", planned), planned
