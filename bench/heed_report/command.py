# SPDX-License-Identifier: MIT
"""command - the command line of heed-report."""
import argparse
import io
import json
import sys
from pathlib import Path

from . import kinds, load, output, view
from .fields import Refused

DESCRIPTION = """\
Shows what `heed-bench --report` measured: one page that opens offline, with pictures,
tables and the results themselves.  Several results are put side by side."""

EPILOG = """\
A result is JSON, or a page of heed-report, which contains its own.
Exit status: 0; 1 if --compare finds something slower; 2 if what was given makes no sense."""


def parser():
    p = argparse.ArgumentParser(prog="heed-report", description=DESCRIPTION, epilog=EPILOG,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("results", nargs="*", type=Path, metavar="result.json")
    p.add_argument("--from-html", action="append", type=Path, default=[], metavar="PAGE",
                   help="take the results out of a page that heed-report made")
    p.add_argument("-o", "--output", type=Path, metavar="FILE", help="write a page of HTML")
    p.add_argument("--title", help="heading of the page; otherwise the CPU's name")
    p.add_argument("--name", action="append", metavar="NAME",
                   help="what to call a machine, in order; otherwise by its CPU")
    p.add_argument("--csv", type=Path, metavar="FILE", help="write all cases, in SI units")
    p.add_argument("--markdown", type=Path, metavar="FILE", help="write the table of all cases")
    p.add_argument("--json", type=Path, metavar="DIR", help="write the results themselves")
    p.add_argument("--png", type=Path, metavar="DIR", help="write each picture")
    p.add_argument("--svg", type=Path, metavar="DIR", help="write each picture")
    p.add_argument("--compare", nargs=2, type=Path, metavar=("OLD", "NEW"),
                   help="hold a run against an older one, case by case")
    p.add_argument("--of-ceiling", action="store_true",
                   help="with --compare: times in units of the ceiling beside each round, for "
                        "machines whose clock moves")
    p.error = _refuse
    return p


def _refuse(message):
    """Instead of argparse's way, which prints the usage first."""
    raise Refused(message)


def _check_outputs(options):
    for file in (options.output, options.csv, options.markdown):
        if file:
            output.check_file(file)
    for folder in (options.json, options.png, options.svg):
        if folder:
            output.check_folder(folder)


def _load_all(options):
    results = []
    for path in [*options.results, *options.from_html]:
        for result in load.results(path):
            results += kinds.split(result)
    if not results:
        raise Refused("no result given; heed-bench --report DIR writes DIR/result.json")
    if options.name and len(options.name) != len(results):
        raise Refused(f"--name: {len(options.name)} names for {len(results)} results")
    return results


def _write_json(results, folder):
    for i, result in enumerate(results):
        name = "result.json" if len(results) == 1 else f"result-{i + 1}.json"
        output.write(folder / name, json.dumps(result, indent=1, ensure_ascii=False) + "\n")


def _write_pictures(options, drawn, together):
    from . import figure
    several = len(drawn) > 1
    named = [(f"{i + 1}-{picture.name}" if several else picture.name, picture)
             for i, kinds in enumerate(drawn) for kind in kinds.values() for picture in kind]
    if together:
        named.append((together.name, together))
    for name, picture in named:
        if options.svg:
            output.write(options.svg / f"{name}.svg", figure.file_svg(picture))
        if options.png:
            buffer = io.BytesIO()
            figure.save(picture.figure, buffer, "png")
            output.write(options.png / f"{name}.png", buffer.getvalue())


def _report(options):
    from . import privacy, texts
    results = [privacy.without_names(result) for result in _load_all(options)]
    names = view.names(results, options.name)
    if options.csv:
        output.write(options.csv, texts.to_csv(results, names))
    if options.markdown:
        output.write(options.markdown, texts.to_markdown(results, names,
                                                         options.title or "heed-bench"))
    if options.json:
        _write_json(results, options.json)
    if options.output or options.png or options.svg:
        from . import page, pictures  # what draws takes a second to load
        drawn = [pictures.draw_result(result) for result in results]
        together = pictures.draw_together(results, names)
        _write_pictures(options, drawn, together)
        if options.output:
            output.write(options.output,
                         page.render(results, names, drawn, together, options.title))
    return 0


def _compare(options):
    from . import compare
    old, new = ([*load.results(path)] for path in options.compare)
    for path, found in zip(options.compare, (old, new)):
        if len(found) != 1:
            raise Refused(f"{path}: {len(found)} results in it; --compare wants one")
    lines, slower = compare.report(old[0], new[0], options.of_ceiling)
    output.write(Path("-"), "\n".join(lines) + "\n")
    return 1 if slower else 0


def _run(options):
    outputs = [options.output, options.csv, options.markdown, options.json, options.png,
               options.svg]
    if options.compare:
        if options.results or options.from_html or any(outputs):
            raise Refused("--compare takes two results and writes to standard output only")
        return _compare(options)
    if options.of_ceiling:
        raise Refused("--of-ceiling goes with --compare")
    if not any(outputs):
        raise Refused("nothing to write: give -o page.html, or --csv, --markdown, --json, --png "
                      "or --svg")
    _check_outputs(options)
    return _report(options)


def main(arguments=None):
    try:
        return _run(parser().parse_args(arguments))
    except Refused as error:
        print(f"heed-report: {error}", file=sys.stderr)
    except ImportError as error:
        print(f"heed-report: needs python3 with {error.name.partition('.')[0]} (Debian: "
              "python3-matplotlib python3-jinja2 python3-scipy)", file=sys.stderr)
    except KeyboardInterrupt:
        print("heed-report: interrupted", file=sys.stderr)
        return 130
    return 2
