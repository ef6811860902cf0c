# SPDX-License-Identifier: MIT
"""privacy - takes out of a result what could name a person or a computer.

The schema has no member for either; but options and compiler flags may hold
paths, and those pass through home directories.
"""
import re

# All of a path but its last part.  An option is one word, whatever spaces are in it.
_IN_OPTION = re.compile(r"""[^"'=:;,]*[/\\]""")
_IN_FLAGS = re.compile(r"""(-[IL])?[^\s"'=:;,]*[/\\]""")


def without_names(result):
    """A copy in which each path is the last of its parts."""
    library = dict(result["library"])
    for member in ("flags", "compiler"):
        if library[member]:
            library[member] = _IN_FLAGS.sub(lambda match: match[1] or "", library[member])
    options = result["options"]
    if options is not None:
        options = [_IN_OPTION.sub("", option) for option in options]
    return {**result, "library": library, "options": options}
