"""Markdown and SVG as HTML that can be safely inserted into the report's page unchanged."""

import re
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
# A table may be wider than the screen: it scrolls separately, also by keyboard.
_TABLE_OPEN = '<div class="scroll" tabindex="0" role="region" aria-label="table"><table>\n'
_PARSER.add_render_rule("table_open", lambda *_: _TABLE_OPEN)
_PARSER.add_render_rule("table_close", lambda *_: "</table></div>\n")


class Folded(NamedTuple):
    """HTML shown at once, and HTML to unfold (may be empty)."""

    shown: Markup
    more: Markup


def markdown(text: str) -> Markup:
    """Markdown as HTML, without its title, other headings one level lower; HTML is escaped."""
    tokens = _PARSER.parse(re.sub(r"\A# .*\n+", "", text))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, {}))


def folded_markdown(text: str) -> Folded:
    """Markdown whose parts after the first can be unfolded."""
    intro, *parts = text.split("\n## ")
    shown = markdown("\n## ".join([intro, *parts[:1]]))
    return Folded(shown, markdown("".join(f"\n## {part}" for part in parts[1:])))


def inline_svg(path: str | Path, label: str) -> Markup:
    """An SVG to inline in the page: its ids are prefixed with the file's name to avoid clashes."""
    path = Path(path)
    svg = path.read_text(encoding="utf-8")
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{path.stem}-\1"', svg)
    svg = re.sub(r'(href="|url\()#', rf"\1#{path.stem}-", svg)
    return Markup(svg.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1))
