# SPDX-License-Identifier: MIT
"""summary - what a run says, in a few sentences and one table."""
from . import kinds, units, view


def _attention(result, isa=None, dtype="f32"):
    cases = view.timed(view.heed_cases(result, "attention", dtype=dtype,
                                       threads=view.plain_threads(result)))
    return [case for case in cases if isa is None or case["isa"] == isa]


def _split(cases, result):
    """Those held against arithmetic, and those held against reading; both with their share."""
    held = [case for case in cases if case["of_ceiling"]]
    return ([case for case in held if view.is_arithmetic(case, result)],
            [case for case in held if not view.is_arithmetic(case, result)])


def _share(cases):
    return view.median(case["of_ceiling"] for case in cases)


def _spans(cases):
    shares = [case["of_ceiling"] for case in cases]
    return units.percent(_share(cases)) + (
        f" ({units.span(shares, units.percent)} over {len(cases)} workloads)"
        if len(cases) > 1 else "")


def rungs(result):
    """Rows of the table of instruction sets: what each can do and does."""
    threads, rows = view.plain_threads(result), []
    for isa in view.isas(result):
        cases = _attention(result, isa)
        arithmetic, reading = _split(cases, result)
        speedups = [s for case in cases if (s := view.over_scalar(case, result))]
        rows.append({
            "isa": isa, "fma": view.roof(result, "fma", isa, threads),
            "matrix": view.roof(result, "matrix", isa, threads, "bf16"),
            "read": view.roof(result, "read_memory", isa, threads),
            "rate": view.median(case["rate"] for case in arithmetic),
            "arithmetic": _share(arithmetic), "reading": _share(reading),
            "speedup": view.median(speedups)})
    return rows


def _over_peers(result):
    """heed's rate over the fastest other library's, for each problem that both have."""
    best = {}
    for peer in view.peers(result):
        mine = view.best_of_heed(peer, result)
        if mine:
            key = peer["workload"], peer["dtype"], peer["threads"]
            ratio = peer["median_seconds"] / mine["median_seconds"]
            best[key] = min(ratio, best.get(key, ratio))
    return best


def peer_rows(result):
    """[(workload, type, threads, heed's case, [(library, version, case)], ratio)]"""
    rows = {}
    for peer in view.peers(result):
        key = peer["workload"], peer["dtype"], peer["threads"]
        rows.setdefault(key, []).append(peer)
    ratios = _over_peers(result)
    return [{"workload": key[0], "dtype": key[1], "threads": key[2],
             "heed": view.best_of_heed(peers[0], result), "peers": {p["library"]: p for p in peers},
             "ratio": ratios[key]} for key, peers in rows.items() if key in ratios]


def peer_libraries(result):
    """{library: version}, in the order of the run."""
    return {case["library"]: case["library_version"] for case in view.peers(result)}


def _speed(result):
    isa = view.widest(result)
    arithmetic, reading = _split(_attention(result, isa), result)
    parts = []
    if arithmetic:
        parts.append(f"{_spans(arithmetic)} of what its arithmetic units can do")
    if reading:
        parts.append(f"{_spans(reading)} of a plain read of the same keys and values")
    return f"With {isa}, attention in f32 reaches {', and '.join(parts)}." if parts else None


def _unit(result):
    """On a matrix unit, if there is one."""
    for isa in reversed(view.isas(result)):
        cases = [case for case in _split(_attention(result, isa, "bf16-qkv"), result)[0]
                 if view.ceiling_of(case, result)["what"] == "matrix"]
        if cases:
            return (f"With {isa}, attention that is all in bf16 reaches {_spans(cases)} of what "
                    "its matrix unit can do.")
    return None


def _ladder(result):
    isa = view.widest(result)
    speedups = [s for case in _attention(result, isa) if (s := view.over_scalar(case, result))]
    if isa == "scalar" or not speedups:
        return None
    return (f"That is {units.times(view.median(speedups))} the rate of scalar code in the median, "
            f"{units.span(speedups, units.times)} by workload.")


def _peers(result):
    ratios = list(_over_peers(result).values())
    if not ratios:
        return None
    libraries = ", ".join(peer_libraries(result))
    return (f"Against the fastest of the others that it was run beside ({libraries}) it is "
            f"{units.span(ratios, units.times)} as fast.")


def _exactness(result):
    held = [case for case in view.heed_cases(result)
            if case["max_error"] is not None and case["error_bound"]]
    if not held:
        return None
    above = [case for case in held if case["max_error"] > case["error_bound"]]
    if above:
        return f"{len(above)} of {len(held)} cases err by more than their bound: {above[0]['id']}."
    return f"All {len(held)} cases that were held to a bound of error keep it."


def sentences(result):
    """The verdict.  Without times where an emulator made them."""
    hidden = bool(result["machine"]["emulation"])
    parts = [] if hidden or view.widest(result) is None else [
        _speed(result), _ladder(result), _unit(result), _peers(result)]
    rough = None if hidden or result["quality"]["grade"] != "C" else (
        "The run is of grade C: take times and rates as rough.")
    return [sentence for sentence in [*parts, _exactness(result), rough] if sentence]


def _numbers(machine):
    """What the vendor calls the CPU: family, model and stepping, or the MIDR of ARM."""
    numbers = [f"{name} {machine[name]}" for name in ("family", "model", "stepping")
               if machine[name] is not None]
    midr = machine["midr"]
    if midr is not None:
        numbers.append(f"MIDR {midr:#x}" if isinstance(midr, int) else f"MIDR {midr}")
    return ", ".join(numbers)


def _cores(machine):
    if not machine["cores"]:
        return None
    threads, sockets = machine["threads_per_core"] or 1, machine["sockets"] or 1
    return (str(machine["cores"]) + (f" with {threads} threads each" if threads > 1 else "")
            + (f" on {sockets} sockets" if sockets > 1 else ""))


def _caches(machine):
    return ", ".join(f"{name} {units.size(machine[member])}" for name, member in
                     (("L1d", "l1d_bytes"), ("L2", "l2_bytes"), ("L3", "l3_bytes"))
                     if machine[member])


def _tensors(result):
    """Where they stood; results from before there was a choice do not say."""
    return {"malloc": "as malloc gives memory: pages of 4 KiB, 16 bytes past a line",
            "huge": "on huge pages, aligned"}.get(result["memory"])


def facts(result):
    """[(name, words)] about the machine and the build, as far as known."""
    m, library = result["machine"], result["library"]
    commit, seed, duration = library["commit"], result["seed"], result["duration_s"]
    build = [library["compiler"], library["build_type"], library["flags"]]
    known = [
        ("CPU", m["brand"]), ("architecture", m["architecture"]), ("numbers", _numbers(m)),
        ("microcode", m["microcode"]), ("features", ", ".join(m["clusters"] or [])),
        ("cores", _cores(m)), ("measured on", kinds.label(result)), ("caches", _caches(m)), ("memory", units.size(m["memory_bytes"])),
        ("huge pages", m["huge_pages"]), ("kernel", m["kernel"]), ("governor", m["governor"]),
        ("turbo", {True: "on", False: "off"}.get(m["turbo"])),
        ("virtualisation", m["virtualisation"]), ("emulation", m["emulation"]),
        ("heed", library["version"] + (f" ({commit})" if commit else "")),
        ("compiler", ", ".join(part for part in build if part)),
        ("suite", f"{result['suite']} ({result['suite_id']})"), ("measured", result["created"]),
        ("duration", None if duration is None else f"{duration:.0f} s"),
        ("tensors", _tensors(result)),
        ("seed", None if seed is None else str(seed)),
        ("options", " ".join(result["options"] or []))]
    return [(name, words) for name, words in known if words]
