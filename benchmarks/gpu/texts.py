"""What the steps read, made ahead: XQuAD's files, tokenizers learnt on them, and windows.

python -m gpu.texts FOLDER --xquad XQUAD [--scale full]
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from prediction import windows_of_xquad
from real_text import LANGUAGES, windows_of_d

from gpu.marian import tokenizer_folder
from gpu.scale import SCALES, Setting


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--xquad", type=Path, required=True, help="folder of xquad.*.json")
    parser.add_argument("--scale", choices=SCALES, default="full")
    options = parser.parse_args(arguments)
    setting = Setting(SCALES[options.scale], "cpu", options.folder)
    setting.xquad.mkdir(parents=True, exist_ok=True)
    setting.texts.mkdir(exist_ok=True)
    for language in LANGUAGES:
        shutil.copyfile(
            options.xquad / f"xquad.{language}.json", setting.xquad / f"xquad.{language}.json"
        )
    windows_of_d(setting.xquad, setting.scale.windows, setting.texts)
    windows_of_xquad(setting.xquad, setting.scale.questions, setting.texts)
    tokenizer_folder(setting)
    size = sum(file.stat().st_size for file in options.folder.rglob("*") if file.is_file())
    print(f"{options.folder}: {size / 2**20:.1f} MiB to carry along")


if __name__ == "__main__":
    main()
