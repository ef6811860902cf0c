# SPDX-License-Identifier: MIT
"""schema - what a result of heed-bench holds, member by member.  SI units; unknown is null.

Members that are not named here are dropped on reading, so that a page never
shows or contains what this version does not know.
"""
from .fields import flag, list_of, members, number, one_of, text, unless_null, whole

VERSION = 1

_count = whole(0)
_size = whole(1)
_positive = number(above=0)
_maybe_text = unless_null(text)
_maybe_count = unless_null(_count)
_maybe_positive = unless_null(_positive)
_maybe_number = unless_null(number(0))

LIBRARY = members(version=text, commit=_maybe_text, compiler=_maybe_text, flags=_maybe_text,
                  build_type=_maybe_text)

MACHINE = members(
    brand=_maybe_text, architecture=_maybe_text, family=_maybe_count, model=_maybe_count,
    stepping=_maybe_count, midr=unless_null(lambda value, where: value if isinstance(value, int)
                                            else text(value, where)),
    microcode=_maybe_text, clusters=unless_null(list_of(text)), cores=_maybe_count,
    threads_per_core=_maybe_count, sockets=_maybe_count, l1d_bytes=_maybe_count,
    l2_bytes=_maybe_count, l3_bytes=_maybe_count, memory_bytes=_maybe_count,
    huge_pages=_maybe_text, kernel=_maybe_text, governor=_maybe_text, turbo=unless_null(flag),
    virtualisation=_maybe_text, emulation=_maybe_text)

QUALITY = members(grade=one_of("A", "B", "C"), reasons=list_of(text), resolution=_maybe_number,
                  commands=unless_null(list_of(text)))

CEILING = members(
    id=text, what=text, dtype=_maybe_text, isa=_maybe_text, threads=_size, pages=_maybe_text,
    unit=one_of("flop/s", "byte/s", "element/s"), samples=list_of(_positive),
    kept=list_of(flag), median=_maybe_positive, mad=_maybe_number, low=_maybe_positive,
    high=_maybe_positive, theory=_maybe_positive, theory_is=_maybe_text,
    above_theory=unless_null(flag))

SHAPE = members(batch=_count, q_heads=_count, kv_heads=_count, q_rows=_count, kv_rows=_count,
                dim=_count, causal=flag)

ROUND = members(
    seconds=_maybe_positive, calls=_maybe_count, order=_maybe_count, process=_maybe_count,
    clock_before=_maybe_positive, clock_after=_maybe_positive, ceiling=_maybe_positive,
    marks=list_of(text))

CASE = members(
    id=text, operation=text, dtype=text, workload=_maybe_text, isa=_maybe_text, library=text,
    library_version=_maybe_text, threads=_size, shape=unless_null(SHAPE), flop=_maybe_number,
    bytes=_maybe_number, elements=_maybe_number,
    rate_of=unless_null(one_of("flop", "bytes", "elements")), rounds=list_of(ROUND),
    median_seconds=_maybe_positive, mad_seconds=_maybe_number, low_seconds=_maybe_positive,
    high_seconds=_maybe_positive, kept=_count, rate=_maybe_positive, ceiling_id=_maybe_text,
    of_ceiling=_maybe_number, max_error=_maybe_number, error_bound=_maybe_number,
    repeat_of=_maybe_text)

RESULT = members(
    schema=one_of("heed-bench"), schema_version=whole(1), created=_maybe_text, suite=text,
    suite_id=text, complete=flag, seed=_maybe_count, duration_s=_maybe_number,
    options=unless_null(list_of(text)), library=LIBRARY, machine=MACHINE,
    convention=unless_null(members(flop=_maybe_text, rates=_maybe_text, sizes=_maybe_text)),
    quality=QUALITY, ceilings=list_of(CEILING), cases=list_of(CASE),
    skipped=unless_null(list_of(members(id=text, reason=text))))
