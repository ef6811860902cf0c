# SPDX-License-Identifier: MIT
"""figure - what all pictures share: their look, and how they become SVG, for pages or files."""
import io
import re
from html import escape
from typing import NamedTuple

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from .palette import LIGHT, color

# Text stays text.  The salt makes the ids, and so the file, the same each time.
STYLE = {
    "font.family": "DejaVu Sans", "font.size": 10, "axes.titlesize": 10.5,
    "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.titlepad": 9,
    "axes.labelsize": 9.5, "axes.spines.top": False, "axes.spines.right": False,
    "axes.edgecolor": color("line"), "axes.labelcolor": color("soft"), "axes.grid": True,
    "axes.axisbelow": True, "axes.facecolor": "none", "figure.facecolor": color("paper"),
    "grid.color": color("line"), "grid.linewidth": 0.7, "text.color": color("ink"),
    "xtick.color": color("soft"), "ytick.color": color("soft"), "xtick.labelsize": 9,
    "ytick.labelsize": 9, "xtick.major.size": 0, "ytick.major.size": 0, "xtick.minor.size": 0,
    "ytick.minor.size": 0, "legend.frameon": False, "legend.fontsize": 9.5,
    "lines.linewidth": 1.8, "lines.markersize": 5, "svg.fonttype": "none",
    "svg.hashsalt": "heed", "savefig.dpi": 160, "axes.formatter.use_mathtext": False,
    "text.parse_math": False,
}
WIDTH = 10.4  # inches of 72 points; a page is about 1000 CSS pixels wide


class Picture(NamedTuple):
    name: str  # of files, and a part of ids: small letters, digits, hyphens
    title: str
    reading: str  # how to read it, one or two sentences
    description: str  # what it shows, for those who do not see it
    figure: Figure


def new(height, rows=1, columns=1, **settings):
    """A figure and its axes, always as a list of rows."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, **settings)
    return figure, axes


def tip(artist, text):
    """Words that a browser shows where the pointer rests on the artist."""
    artist.set_gid(f"tip:{text}")
    return artist


def plain_log(axis, form="{:g}"):
    """A logarithmic axis with ticks at 1, 2 and 5, in plain numbers."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(lambda value, _: form.format(value))


def save(figure, target, form):
    with matplotlib.rc_context(STYLE):
        figure.savefig(target, format=form, metadata=_no_metadata(form))


def _no_metadata(form):
    """The same picture has the same bytes, whenever it is drawn."""
    return {"Date": None, "Creator": None, "Format": None, "Type": None} if form == "svg" \
        else {"Software": None}


def _prepared(picture):
    """SVG with titles and tips, without what belongs to files of their own."""
    buffer = io.StringIO()
    with matplotlib.rc_context(STYLE):
        picture.figure.savefig(buffer, format="svg", metadata=_no_metadata("svg"),
                               facecolor="none")
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.S)
    svg = re.sub(r'<g id="tip:([^"]*)">', r"<g><title>\1</title>", svg)
    # A browser has better fonts than the one that the layout was made with, none of them wider.
    return re.sub(r"font: ((?:\w+ )*?)([\d.]+px) [^;\"]*", r"font: \1\2 var(--font)", svg)


def _own_ids(svg, prefix):
    svg = re.sub(r' id="(?:figure|axes|patch|text|line2d|matplotlib\.axis|xtick|ytick|legend|'
                 r'PathCollection|LineCollection|PolyCollection)_\d+"', "", svg)
    return re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)


def inline_svg(picture, prefix):
    """For a page: colours are variables of CSS, ids are unique, a title and a description."""
    svg = _own_ids(_prepared(picture), prefix)
    for role, value in LIGHT.items():
        svg = re.sub(value, f"var(--{role})", svg, flags=re.I)
    view = re.search(r'viewBox="([^"]*)"', svg)[1]
    head = (f'<svg viewBox="{view}" role="img" aria-labelledby="{prefix}-title {prefix}-desc">'
            f'<title id="{prefix}-title">{escape(picture.title)}</title>'
            f'<desc id="{prefix}-desc">{escape(picture.description)}</desc>')
    return head + svg[svg.index(">") + 1:]


def file_svg(picture):
    """For a file of its own: light, on paper, with fonts by name."""
    svg = _prepared(picture).replace("var(--font)", "system-ui, 'DejaVu Sans', sans-serif")
    start = svg.index(">") + 1
    head = f"<title>{escape(picture.title)}</title><desc>{escape(picture.description)}</desc>"
    paper = f'<rect width="100%" height="100%" fill="{color("paper")}"/>'
    return svg[:start] + head + paper + svg[start:]
