# SPDX-License-Identifier: MIT
"""report - what the conformance scripts share: options, the library, lines, totals.

Exit status: 0 if all cases pass, 1 if not, 77 if something to run them with is missing.
"""
import argparse
import importlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = 77  # as in ctest's SKIP_RETURN_CODE


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def demand(*packages):
    """The modules of these names, or an exit with words."""
    modules = []
    for package in packages:
        try:
            modules.append(importlib.import_module(package))
        except ImportError as error:
            skip(f"needs {package} (pip install {package}): {error}")
    return modules


def parse_options(documentation):
    parser = argparse.ArgumentParser(
        description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", type=Path,
                        default=ROOT / "build" / "conformance" / "libheed.so",
                        help="default: build/conformance/libheed.so")
    parser.add_argument("-q", "--quiet", action="store_true", help="only failures and totals")
    parser.add_argument("cases", nargs="*", help="names; default: all")
    return parser.parse_args()


def load(library):
    """The library, through bench/heed_ctypes.py, which knows its structs."""
    sys.path.insert(0, str(ROOT / "bench"))
    import heed_ctypes

    if not library.is_file():
        skip(f"no library at {library}: build it, or name it with --library")
    return heed_ctypes.Heed(library)


class Report:
    def __init__(self, options):
        self.quiet, self.names = options.quiet, set(options.cases)
        self.passed = self.failed = 0

    def wants(self, name):
        return not self.names or name in self.names

    def case(self, name, run):
        """Runs one case: `run` returns what is wrong, or nothing."""
        try:
            wrong = run()
        except Exception as error:  # whatever it is, the other cases are still worth running
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            self.failed += 1
            print(f"FAILED  {name}: {wrong}")
        else:
            self.passed += 1
            self.say(f"ok      {name}")

    def say(self, text):
        if not self.quiet:
            print(text)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)
