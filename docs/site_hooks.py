"""What the site takes from outside ``docs/``, and equations without JavaScript (MkDocs hooks).

README.md is the home page; links between files of the repository become links between pages.
A fence of the language ``math``, which GitHub renders too, becomes MathML.
"""

import posixpath
import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.structure.files import File

REPOSITORY = Path(__file__).parents[1]
PAGES = {
    "README.md": "index.md",
    "config/README.md": "config.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Files of the repository that are pages: where they are on the site."""
ATTACHED = [
    "LICENSE",
    "CITATION.cff",
    *(f"config/{p.name}" for p in REPOSITORY.glob("config/*.yaml")),
]
"""Files of the repository that pages link to."""

_LINK = re.compile(r"(\]\(|src=\")([^)#\"\s]+)(#[^)\"\s]*)?([)\"])")


def on_config(config):
    fence = {"name": "math", "class": "math", "format": _equation}
    config.mdx_configs["pymdownx.superfences"] = {"custom_fences": [fence]}
    return config


def on_files(files, config):
    for source, target in PAGES.items():
        text = (REPOSITORY / source).read_text(encoding="utf-8")
        files.append(File.generated(config, target, content=_relinked(text, source, target)))
    for path in ATTACHED:
        files.append(File.generated(config, path, abs_src_path=str(REPOSITORY / path)))
    return files


def on_page_markdown(markdown, page, **_):
    name = page.file.src_uri
    return markdown if name in PAGES.values() else _relinked(markdown, f"docs/{name}", name)


def _relinked(text: str, source: str, page: str) -> str:
    """The text of a file of the repository with links as its page on the site needs them."""

    def relink(match: re.Match) -> str:
        start, target, anchor, end = match.groups(default="")
        if ":" in target:
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
        place = PAGES.get(path, path.removeprefix("docs/"))
        return f"{start}{posixpath.relpath(place, posixpath.dirname(page) or '.')}{anchor}{end}"

    return _LINK.sub(relink, text)


def _equation(source, language, class_name, options, md, **_):
    return f'<div class="{class_name}">{convert(source.strip(), display="block")}</div>'
