# SPDX-License-Identifier: MIT
"""kinds - a run on several kinds of cores, as one run for each: they are shown side by side."""


def _of_kind(items, kind, first):
    """What was measured on it; what other programs added, without a kind, is on the first."""
    return [item for item in items
            if item["core_kind"] == kind["name"] or (first and item["core_kind"] is None)]


def _named(words, kind):
    """Of ids, whose part "/c1" tells the kind."""
    return kind["name"] in words.split("/")


def split(result):
    """[result], or one for each kind of cores that the run was on."""
    kinds = result["core_kinds"] or []
    if len(kinds) < 2:
        return [result]
    names = {kind["name"] for kind in kinds}
    parts = []
    for i, kind in enumerate(kinds):
        skipped = [entry for entry in result["skipped"] or []
                   if _named(entry["id"], kind) or not names & set(entry["id"].split("/"))]
        parts.append(result | {
            "core_kinds": [kind], "machine": result["machine"] | {"midr": kind["midr"]},
            "skipped": skipped,
            "ceilings": _of_kind(result["ceilings"], kind, i == 0),
            "cases": _of_kind(result["cases"], kind, i == 0)})
    return parts


def label(result):
    """What to call the cores of a run that was split, or ""."""
    kinds = result["core_kinds"] or []
    if len(kinds) != 1:
        return ""
    kind = kinds[0]
    size = f", capacity {kind['capacity']}" if kind["capacity"] else (
        f", {kind['max_hertz'] / 1e9:.1f} GHz" if kind["max_hertz"] else "")
    return f"core {kind['cpu']}{size}"
