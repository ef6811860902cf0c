# SPDX-License-Identifier: MIT
"""schema - what a result of heed-bench holds, member by member.  SI units; unknown is null.

Members that are not named here are dropped on reading, so that a page never
shows or contains what this version does not know.
"""
from .fields import flag, list_of, members, name, number, one_of, text, unless_null, whole

VERSION = 1

# Limits far beyond any machine, that still can be multiplied and drawn.
_count = whole(0)
_size = whole(1)
_maybe_text = unless_null(text)
_maybe_count = unless_null(_count)
_maybe_work = unless_null(number(0, most=1e21))
_maybe_rate = unless_null(number(above=0, most=1e21))
_maybe_share = unless_null(number(0, most=1e3))
_maybe_error = unless_null(number(0, most=1e39))
_time = number(above=0, most=1e6)
_maybe_time = unless_null(_time)
_label = name(40)
_version = name(100)  # that of OpenVINO names its build and branch
_maybe_label = unless_null(_label)
_id = name(160)


def _midr(value, where):
    """Of ARM's CPUs, as a number or in hexadecimal digits."""
    return _count(value, where) if isinstance(value, int) else _label(value, where)


LIBRARY = members(version=text, commit=_maybe_text, compiler=_maybe_text, flags=_maybe_text,
                  build_type=_maybe_text)

MACHINE = members(
    brand=unless_null(name(100)), architecture=_maybe_label, family=_maybe_count,
    model=_maybe_count, stepping=_maybe_count, midr=unless_null(_midr),
    microcode=_maybe_text, clusters=unless_null(list_of(text)), cores=_maybe_count,
    threads_per_core=_maybe_count, sockets=_maybe_count, l1d_bytes=_maybe_count,
    l2_bytes=_maybe_count, l3_bytes=_maybe_count, memory_bytes=_maybe_count,
    huge_pages=_maybe_text, kernel=_maybe_text, governor=_maybe_text, turbo=unless_null(flag),
    virtualisation=_maybe_text, emulation=_maybe_text)

QUALITY = members(grade=one_of("A", "B", "C"), reasons=list_of(text), resolution=_maybe_share,
                  commands=unless_null(list_of(text)))

CEILING = members(
    id=_id, what=_label, dtype=_maybe_label, isa=_maybe_label, threads=_size,
    core_kind=_maybe_label, pages=_maybe_label,
    unit=one_of("flop/s", "byte/s", "element/s"), samples=list_of(number(above=0, most=1e21)),
    kept=list_of(flag), median=_maybe_rate, mad=_maybe_work, low=_maybe_rate, high=_maybe_rate,
    theory=_maybe_rate, theory_is=_maybe_text, above_theory=unless_null(flag))

SHAPE = members(batch=_count, q_heads=_count, kv_heads=_count, q_rows=_count, kv_rows=_count,
                dim=_count, causal=flag, mask=_maybe_label, window=_maybe_count)

ROUND = members(
    seconds=_maybe_time, calls=_maybe_count, order=_maybe_count, process=_maybe_count,
    clock_before=_maybe_rate, clock_after=_maybe_rate, ceiling=_maybe_rate, marks=list_of(text))

CASE = members(
    id=_id, operation=_label, dtype=_label, workload=_label, isa=_maybe_label,
    library=_label, library_version=unless_null(_version), threads=_size,
    core_kind=_maybe_label, shape=unless_null(SHAPE),
    flop=_maybe_work, bytes=_maybe_work, elements=_maybe_work,
    rate_of=unless_null(one_of("flop", "bytes", "elements")), rounds=list_of(ROUND),
    median_seconds=_maybe_time, mad_seconds=unless_null(number(0, most=1e6)),
    low_seconds=_maybe_time, high_seconds=_maybe_time, kept=_count, rate=_maybe_rate,
    ceiling_id=unless_null(_id), of_ceiling=_maybe_share, max_error=_maybe_error,
    error_bound=_maybe_error, repeat_of=unless_null(_id))

CORE_KIND = members(name=_label, cpu=_count, cpus=_size, capacity=_maybe_count,
                    max_hertz=_maybe_rate, midr=unless_null(_midr))

RESULT = members(
    schema=one_of("heed-bench"), schema_version=whole(1), created=_maybe_text, suite=_label,
    suite_id=_id, complete=flag, seed=_maybe_count, duration_s=unless_null(number(0)),
    options=unless_null(list_of(text)), memory=_maybe_label, core_kinds=unless_null(list_of(CORE_KIND)), library=LIBRARY, machine=MACHINE,
    convention=unless_null(members(flop=_maybe_text, rates=_maybe_text, sizes=_maybe_text)),
    quality=QUALITY, ceilings=list_of(CEILING), cases=list_of(CASE),
    skipped=unless_null(list_of(members(id=text, reason=text))))
