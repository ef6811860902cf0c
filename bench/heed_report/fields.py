# SPDX-License-Identifier: MIT
"""fields - checks a value read from JSON, and says where in it something is wrong.

A check is a function of a value and its path; it returns what it accepts and
raises Refused otherwise.  The functions here make checks.
"""
import math


class Refused(Exception):
    """What was given makes no sense; the text is one line for a person."""


def _kind(value):
    if value is None:
        return "null"
    names = {bool: "a flag", int: "a number", float: "a number", str: "a string",
             list: "a list", dict: "an object"}
    return names[type(value)]


def _typed(types, wanted):
    def check(value, where):
        # To Python, True is an int; in JSON it is none.
        if not isinstance(value, types) or (isinstance(value, bool) and types is not bool):
            raise Refused(f"{where}: {wanted} is wanted, not {_kind(value)}")
        return value
    return check


text = _typed(str, "a string")
flag = _typed(bool, "true or false")


def name(most):
    """A string for labels: one line, not empty, of at most so many characters."""
    def check(value, where):
        if not 0 < len(text(value, where)) <= most or not value.isprintable():
            raise Refused(f"{where}: 1 to {most} printable characters are wanted")
        return value
    return check


def number(least=-math.inf, above=None, most=math.inf):
    """A finite number, at least `least`, or above `above`, and at most `most`."""
    typed = _typed((int, float), "a number")

    def check(value, where):
        try:
            finite = math.isfinite(typed(value, where))
        except OverflowError:  # an integer beyond double precision
            finite = False
        if not finite:
            raise Refused(f"{where}: {str(value)[:20]} is not a finite number")
        if above is not None and value <= above:
            raise Refused(f"{where}: {value} is not above {above}")
        if value < least:
            raise Refused(f"{where}: {value} is below {least}")
        if value > most:
            raise Refused(f"{where}: {value} is above {most:g}, which nothing here can be")
        return value
    return check


def whole(least=0):
    """A whole number; 3.0 is one."""
    finite = number(least)

    def check(value, where):
        if finite(value, where) != int(value):
            raise Refused(f"{where}: {value} is not a whole number")
        return int(value)
    return check


def one_of(*words):
    def check(value, where):
        if text(value, where) not in words:
            raise Refused(f'{where}: "{value[:40]}" is none of {", ".join(words)}')
        return value
    return check


def unless_null(check):
    def maybe(value, where):
        return None if value is None else check(value, where)
    maybe.may_lack = True
    return maybe


def list_of(check, least=0):
    items = _typed(list, "a list")

    def check_all(value, where):
        if len(items(value, where)) < least:
            raise Refused(f"{where}: at least {least} wanted")
        return [check(item, f"{where}[{i}]") for i, item in enumerate(value)]
    return check_all


def members(**checks):
    """An object with these members.  What may be null may lack; what is not named is left out."""
    obj = _typed(dict, "an object")

    def check(value, where):
        obj(value, where)
        result = {}
        for name, member in checks.items():
            path = f"{where}.{name}" if where else name
            if name not in value and not hasattr(member, "may_lack"):
                raise Refused(f"{path}: missing")
            result[name] = member(value.get(name), path)
        return result
    return check
