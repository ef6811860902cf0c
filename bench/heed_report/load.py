# SPDX-License-Identifier: MIT
"""load - reads results from JSON, or from a page that contains them, and checks them."""
import html.parser
import json
from pathlib import Path

from . import schema
from .fields import Refused

# The type of the <script> elements of a page that hold a result each.
EMBEDDED = "application/heed-bench+json"


class _Embedded(html.parser.HTMLParser):
    """Collects the text of the script elements that hold results."""

    def __init__(self):
        super().__init__()
        self.texts, self.inside = [], False

    def handle_starttag(self, tag, attrs):
        self.inside = tag == "script" and dict(attrs).get("type") == EMBEDDED
        if self.inside:
            self.texts.append("")

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.texts[-1] += data


def _read(path):
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise Refused(f"{path}: not UTF-8 at byte {error.start}") from None


def _parse(text):
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        cut = error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated")
        hint = "; the file seems cut off" if cut else ""
        raise Refused(f"{where}: not JSON: {error.msg}{hint}") from None
    except RecursionError:
        raise Refused("not a result: nested too deeply") from None
    except ValueError:  # Python refuses integers of more than 4300 digits
        raise Refused("not JSON: a number with too many digits") from None


def _check_version(value):
    """Before the rest: what is newer may look different everywhere."""
    if not isinstance(value, dict) or value.get("schema") != "heed-bench":
        raise Refused('schema: not a result of heed-bench --report (no "heed-bench" there)')
    version = value.get("schema_version")
    if isinstance(version, int) and version > schema.VERSION:
        raise Refused(f"schema_version: {version} is newer than {schema.VERSION}, "
                      "the newest that this heed-report reads")


def _check_order(item, names, where):
    """Of low, median and high, as far as they are known; sums round."""
    known = [(name, item[name]) for name in names if item[name] is not None]
    for (low_name, low), (high_name, high) in zip(known, known[1:]):
        if low > high * (1 + 1e-9):
            raise Refused(f"{where}.{high_name}: {high} is below {low_name}, {low}")


def _check_ceiling(ceiling, where):
    if len(ceiling["kept"]) != len(ceiling["samples"]):
        raise Refused(f"{where}.kept: {len(ceiling['kept'])} flags for "
                      f"{len(ceiling['samples'])} samples")
    _check_order(ceiling, ("low", "median", "high"), where)


def _check_case(case, where):
    if case["library"] == "heed" and case["isa"] is None:
        raise Refused(f"{where}.isa: null, but a case of heed ran on some instruction set")
    _check_order(case, ("low_seconds", "median_seconds", "high_seconds"), where)
    rounds = [r["seconds"] for r in case["rounds"] if r["seconds"] is not None]
    if case["kept"] > len(case["rounds"]):
        raise Refused(f"{where}.kept: {case['kept']} of {len(case['rounds'])} rounds")
    median = case["median_seconds"]
    if rounds and median and not min(rounds) * (1 - 1e-9) <= median <= max(rounds) * (1 + 1e-9):
        raise Refused(f"{where}.median_seconds: {median} is outside its rounds, "
                      f"{min(rounds)} to {max(rounds)}")


def _check_names(items, where):
    """The ids of a list, each once."""
    seen = set()
    for i, item in enumerate(items):
        if item["id"] in seen:
            raise Refused(f'{where}[{i}].id: "{item["id"]}" is there twice')
        seen.add(item["id"])
    return seen


def _check_core_kinds(result):
    known = set()
    for i, kind in enumerate(result["core_kinds"] or []):
        if kind["name"] in known:
            raise Refused(f'core_kinds[{i}].name: "{kind["name"]}" is there twice')
        known.add(kind["name"])
    for part in ("ceilings", "cases"):
        for i, item in enumerate(result[part]):
            if item["core_kind"] is not None and item["core_kind"] not in known:
                raise Refused(f'{part}[{i}].core_kind: there is no "{item["core_kind"]}"')


def _check_references(result):
    ceilings = _check_names(result["ceilings"], "ceilings")
    cases = _check_names(result["cases"], "cases")
    for i, case in enumerate(result["cases"]):
        for member, known in (("ceiling_id", ceilings), ("repeat_of", cases)):
            if case[member] is not None and case[member] not in known:
                raise Refused(f'cases[{i}].{member}: there is no "{case[member]}"')


def check(value):
    """The result in `value`, without members that are not of the schema."""
    _check_version(value)
    result = schema.RESULT(value, "")
    for i, ceiling in enumerate(result["ceilings"]):
        _check_ceiling(ceiling, f"ceilings[{i}]")
    for i, case in enumerate(result["cases"]):
        _check_case(case, f"cases[{i}]")
    _check_references(result)
    _check_core_kinds(result)
    return result


def _texts(path):
    text = _read(path)
    if not text.lstrip().startswith("<"):
        return [text]
    page = _Embedded()
    page.feed(text)
    if not page.texts:
        raise Refused(f"{path}: a page without results of heed-bench in it")
    return page.texts


def results(path):
    """The results in a file: one, or as many as the page compares."""
    found = []
    for text in _texts(path):
        try:
            found.append(check(_parse(text)))
        except Refused as error:
            raise Refused(f"{path}: {error}") from None
    return found
