"""Edits of a copy of the workflow: each takes the copy's folder and changes something in it."""

from collections.abc import Callable
from pathlib import Path

import yaml
from micro import WORKFLOW, checkout

Edit = Callable[[Path], None]


def append(name: str, text: str = "\nADDED = 1\n") -> Edit:
    """Text at the end of a file; by default, code."""

    def edit(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


def replace(name: str, old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def remove(name: str) -> Edit:
    return lambda folder: (folder / name).unlink()


def configure(**values) -> Edit:
    """Values in the config; a dict goes into the one that is there."""
    return configure_by(lambda config: merge(config, values))


def configure_by(change: Callable[[dict], object]) -> Edit:
    def edit(folder: Path) -> None:
        path = folder / "tests/micro.yaml"
        config = yaml.safe_load(path.read_text())
        change(config)
        path.write_text(yaml.safe_dump(config, sort_keys=False))

    return edit


def merge(config: dict, values: dict) -> None:
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(config.get(key), dict):
            merge(config[key], value)
        else:
            config[key] = value


def python_files(folder: Path) -> list[Path]:
    return [*folder.glob("lbmrc/**/*.py"), *folder.glob("workflow/scripts/*.py")]


def comment_everywhere(folder: Path) -> None:
    for path in python_files(folder):
        path.write_text(path.read_text(encoding="utf-8") + "# more words\n", encoding="utf-8")


def docstring_everywhere(folder: Path) -> None:
    for path in python_files(folder):
        text = path.read_text(encoding="utf-8")
        assert text.startswith('"""')
        path.write_text('"""More words. ' + text.removeprefix('"""'), encoding="utf-8")


def touch_workflow(folder: Path) -> None:
    for name in WORKFLOW:
        for path in [folder / name, *(folder / name).rglob("*")]:
            path.touch()


def touch_data(folder: Path) -> None:
    for path in (folder / "data/micro").rglob("*.json"):
        path.touch()


def clone(folder: Path) -> None:
    """The workflow anew, over what an older checkout made."""
    checkout(folder)
    touch_workflow(folder)


def forget_times(folder: Path) -> None:
    """As a copy does that keeps no times: the files in another order than they were made in."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.touch()


def one_more_teacher(config: dict) -> None:
    config["systems"]["teacher-de"] = {"train": ["branch.en", "branch.de"]}
    for student, weights in {"ours-hyper": [0.2, 0.4, 0.4], "ours-imp": "confident"}.items():
        distil = config["systems"][student]["distil"]
        distil["teachers"].append("teacher-de")
        distil["weights"] = weights


def one_more_language(config: dict) -> None:
    config["languages"].append("ru")
    config["translation"]["engines"]["ru"] = config["translation"]["engines"]["es"]
