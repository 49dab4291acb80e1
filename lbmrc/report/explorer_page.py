"""``explorer.html``: a self-contained page (data, style and script inline) for reading predictions.

Input: the packed data of `lbmrc.report.explorer_data`, and the page's parts from
``workflow/report/``.
"""

from pathlib import Path

import jinja2
from markupsafe import Markup

TEMPLATE = "explorer.html.j2"
STYLE = "explorer.css"
SCRIPTS = ("explorer_model.js", "explorer_passage.js", "explorer_view.js")


def explorer_page(run: str, data: str, folder: str | Path) -> str:
    """The page as self-contained HTML.

    Args:
        run: its name.
        data: from `lbmrc.report.explorer_data.packed`.
        folder: of the template, the style and the scripts, which are joined in the order `SCRIPTS`.
    """
    folder = Path(folder)
    environment = jinja2.Environment(
        autoescape=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(_text(folder / TEMPLATE)).render(
        run=run,
        style=Markup(_text(folder / STYLE)),
        script=Markup("\n".join(_text(folder / name) for name in SCRIPTS)),
        data=Markup(data),
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
