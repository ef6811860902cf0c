# SPDX-License-Identifier: MIT
"""units - numbers as people read them: rates per 1e9, sizes per 1024, times by their size."""
MINUS = "\N{MINUS SIGN}"


def digits(value, count=3):
    """`value` with about `count` significant digits and no exponent: 0.0123, 1.23, 123, 1234."""
    if value == 0:
        return "0"
    places = count - 1
    size = abs(value)
    while size >= 10 and places > 0:
        size, places = size / 10, places - 1
    while size < 1 and places < 12:
        size, places = size * 10, places + 1
    return f"{value:.{places}f}"


def seconds(value):
    if value is None:
        return ""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if value * factor >= 1:
            return f"{digits(value * factor)} {unit}"
    return f"{digits(value * 1e9)} ns"


RATES = {"flop": "GFLOP/s", "bytes": "GB/s", "elements": "Gelement/s",
         "flop/s": "GFLOP/s", "byte/s": "GB/s", "element/s": "Gelement/s"}


def rate(value, of):
    return "" if value is None or of is None else f"{digits(value / 1e9)} {RATES[of]}"


def percent(share, places=0):
    return "" if share is None else f"{100 * share:.{places}f} %"


def signed_percent(share, places=1):
    shown = f"{100 * share:+.{places}f} %".replace("-", MINUS)
    return shown.replace(MINUS, "") if float(f"{100 * share:.{places}f}") == 0 else shown


def size(value):
    """Bytes, in KiB and up."""
    if value is None:
        return ""
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if value >= factor:
            scaled = value / factor
            return f"{scaled:.0f} {unit}" if scaled == int(scaled) else f"{scaled:.1f} {unit}"
    return f"{value} B"


def times(value):
    """A factor: 11.3 times."""
    return "" if value is None else f"{digits(value)}×"


def error(value):
    return "" if value is None else f"{value:.0e}" if value else "0"


def span(values, form):
    """`form` of the least and the largest of some values: "3.1 to 5.2 ms"."""
    low, high = form(min(values)), form(max(values))
    if low == high:
        return low
    low_number, _, low_unit = low.partition(" ")
    return f"{low_number if low.endswith(high.partition(' ')[2]) and low_unit else low} to {high}"
