# SPDX-License-Identifier: MIT
"""view - which cases and ceilings of a result belong together."""
import statistics

from . import kinds

# From narrow to wide, so that a ladder has its rungs in order; others follow.
RUNGS = ("scalar", "sse2", "avx2", "avx512", "avx512bf16", "amx", "neon32", "neon", "neonbf16",
         "sve256", "sve256bf16", "sve512", "sve512bf16")
DTYPES = ("f32", "f16", "bf16", "bf16-qkv", "i8", "f8")
ATTENTION = ("attention", "attention_packed")
ARITHMETIC = ("fma", "matrix")


def _in_order(names, order):
    known = [name for name in order if name in names]
    return known + sorted(names - set(known))


def heed_cases(result, *operations, **members):
    """The cases of heed, without the second ones of A/A pairs, whose members have these values."""
    return [case for case in result["cases"]
            if case["library"] == "heed" and case["repeat_of"] is None
            and (not operations or case["operation"] in operations)
            and all(case[name] == value for name, value in members.items())]


def timed(cases):
    return [case for case in cases if case["median_seconds"] and case["rate"]]


def isas(result):
    return _in_order({case["isa"] for case in heed_cases(result) if case["isa"]}, RUNGS)


def dtypes(result):
    return _in_order({case["dtype"] for case in heed_cases(result, *ATTENTION)}, DTYPES)


def threads(result):
    """Counts of threads, ascending."""
    return sorted({case["threads"] for case in result["cases"]})


def plain_threads(result):
    """The count that pictures show which do not compare counts: the least."""
    return min(threads(result), default=1)


def workloads(cases):
    """Their names, in the order of the run."""
    return list(dict.fromkeys(case["workload"] for case in cases))


def widest(result):
    """The last rung with attention timed, or None."""
    timed_isas = {case["isa"] for case in timed(heed_cases(result, *ATTENTION))}
    return next((isa for isa in reversed(isas(result)) if isa in timed_isas), None)


def is_arithmetic(case, result):
    """Is the case held against what the CPU can compute?  Else against what it can read."""
    ceiling = ceiling_of(case, result)
    return ceiling is not None and ceiling["what"] in ARITHMETIC


def ceiling_of(case, result):
    return next((c for c in result["ceilings"] if c["id"] == case["ceiling_id"]), None)


def ceiling_rate(case, result):
    """The rate that would be 100 %: what was measured beside the case, as its ratio tells."""
    if case["of_ceiling"] and case["rate"]:
        return case["rate"] / case["of_ceiling"]
    ceiling = ceiling_of(case, result)
    return ceiling and ceiling["median"]


def roof(result, what, isa, thread_count=1, dtype="f32"):
    """The highest ceiling of a kind, whatever its pages, or None."""
    rates = [c["median"] for c in result["ceilings"]
             if c["what"] == what and c["isa"] == isa and c["threads"] == thread_count
             and c["dtype"] in (dtype, None) and c["median"]]
    return max(rates, default=None)


def compute_roof(result, isa, thread_count=1, dtype="f32"):
    """What the instruction set can compute on this type: by its matrix unit where cases are held
    against that, else in f32."""
    whats = {ceiling["what"] for case in heed_cases(result, *ATTENTION, isa=isa, dtype=dtype)
             if (ceiling := ceiling_of(case, result))}
    if "matrix" in whats:
        return roof(result, "matrix", isa, thread_count, "bf16")
    return roof(result, "fma", isa, thread_count)


def read_roof(result, what, isa, thread_count=1, dtype="f32"):
    """What it can read of this type; a plain read where that was not measured."""
    return (roof(result, what, isa, thread_count, dtype)
            or roof(result, what, isa, thread_count))


def over_scalar(case, result):
    """How many times the rate of plain C on the same problem, or None."""
    base = next((c for c in timed(heed_cases(result, case["operation"], dtype=case["dtype"],
                                             workload=case["workload"], isa="scalar",
                                             threads=case["threads"]))), None)
    if base is None or not case["median_seconds"] or case["library"] != "heed":
        return None
    return base["median_seconds"] / case["median_seconds"]


def peers(result):
    """Cases of other libraries."""
    return timed(case for case in result["cases"] if case["library"] != "heed")


def best_of_heed(case, result):
    """heed's fastest attention on the problem of a peer's case, keys natural."""
    same = timed(heed_cases(result, "attention", dtype=case["dtype"], workload=case["workload"],
                            threads=case["threads"]))
    return min(same, key=lambda c: c["median_seconds"], default=None)


def kept(case):
    """The seconds of the rounds that count."""
    return [r["seconds"] for r in case["rounds"] if r["seconds"] is not None and not r["marks"]]


def relative_spread(case):
    """The median absolute deviation over the median; 0 where unknown."""
    return (case["mad_seconds"] or 0) / case["median_seconds"] if case["median_seconds"] else 0


def median(values):
    values = list(values)
    return statistics.median(values) if values else None


def short(words, most=32):
    """For places where little fits."""
    return words if len(words) <= most else words[:most - 1] + "\N{HORIZONTAL ELLIPSIS}"


def names(results, given=None):
    """What to call each machine: its brand, with letters where brands are the same."""
    if given:
        return list(given)
    brands = [result["machine"]["brand"] or result["machine"]["architecture"] or "unknown CPU"
              for result in results]
    brands = [f"{brand}, {label}" if (label := kinds.label(result)) else brand
              for brand, result in zip(brands, results)]
    return [f"{brand} ({chr(65 + i % 26)})" if brands.count(brand) > 1 else brand
            for i, brand in enumerate(brands)]
