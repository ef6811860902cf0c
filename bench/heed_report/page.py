# SPDX-License-Identifier: MIT
"""page - one HTML file with everything in it: pictures, tables, and the results themselves."""
import json
from pathlib import Path

import jinja2
from markupsafe import Markup

from . import figure, summary, texts, units, view
from .load import EMBEDDED
from .palette import ROLES, rung_role

PARTS = Path(__file__).parent / "page_parts"
# Kinds of pictures that get a heading of their own, and their headings.
SECTIONS = (("roofline", "Roofline"), ("prefill", "Prefill"), ("rows", "Few rows"),
            ("threads", "Threads"), ("errors", "Errors"), ("strips", "Rounds"))


def _colors():
    def block(index):
        return " ".join(f"--{role}: {pair[index]};" for role, pair in ROLES.items())
    return Markup(f":root {{ color-scheme: light dark; {block(0)} }}\n"
                  "@media screen and (prefers-color-scheme: dark) { :root { "
                  f"{block(1)} }} }}")


def _embedded(result):
    """JSON that no HTML parser takes for a tag."""
    text = json.dumps(result, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace("\u2028", "\\u2028"))


def _inline(pictures, prefix):
    return {kind: [(picture, Markup(figure.inline_svg(picture, f"{prefix}-{picture.name}")))
                   for picture in drawn] for kind, drawn in pictures.items()}


def _title(names):
    return "heed on " + (" and ".join(names) if len(names) < 3 else f"{len(names)} machines")


def _part(index, result, name, pictures):
    """What the template needs of one run."""
    prefix = f"r{index + 1}"
    drawn = _inline(pictures, prefix)
    hidden = texts.times_hidden(result)
    return {
        "prefix": prefix, "name": name, "result": result, "facts": summary.facts(result),
        "sentences": summary.sentences(result), "rungs": [] if hidden else summary.rungs(result),
        "peers": [] if hidden else summary.peer_rows(result),
        "libraries": {} if hidden else summary.peer_libraries(result),
        "ladders": drawn.get("ladder", []), "hidden": hidden,
        "sections": [(kind, title, drawn[kind]) for kind, title in SECTIONS if drawn.get(kind)],
        "cells": [(case, texts.cells(case, result)) for case in result["cases"]],
        "embedded": _embedded(result)}


def render(results, names, pictures, together, title=None):
    """The page.  pictures: for each result those of pictures.draw_result(); together: or None."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PARTS), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    parts = [_part(i, result, name, drawn)
             for i, (result, name, drawn) in enumerate(zip(results, names, pictures))]
    return environment.get_template("page.html").render(
        title=title or _title(names),
        parts=parts, colors=_colors(), embedded_type=EMBEDDED, units=units, view=view,
        head=texts.HEAD, word_columns=texts.WORDS, rung_role=rung_role,
        together=together and (together, Markup(figure.inline_svg(together, "together"))),
        style=Markup((PARTS / "page.css").read_text(encoding="utf-8")),
        script=Markup((PARTS / "sort.js").read_text(encoding="utf-8")))
