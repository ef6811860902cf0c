# SPDX-License-Identifier: MIT
"""reporting - runs heed-report on made-up results, in a folder of their own."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from synthetic import synthetic

COMMAND = pathlib.Path(__file__).parents[2] / "bench/heed-report"
PACKAGES = ("jinja2", "matplotlib", "scipy")


def require_packages():
    """Skips the whole file, with a word, where a package lacks."""
    for package in PACKAGES:
        try:
            __import__(package)
        except ImportError:
            print(f"skipped: {sys.executable} has no {package}")
            sys.exit(77)


def report(*arguments, **options):
    settings = {"capture_output": True, "encoding": "utf-8", "timeout": 300} | options
    return subprocess.run([sys.executable, "-B", COMMAND, *map(str, arguments)], check=False,
                          **settings)


class Case(unittest.TestCase):
    """A test with a folder, and ways to write results there."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    @staticmethod
    def write(folder, result, name="result.json"):
        path = folder / name
        path.write_text(result if isinstance(result, str) else json.dumps(result),
                        encoding="utf-8")
        return path

    def result(self, name="result.json", **settings):
        return self.write(self.folder, synthetic(**settings), name)

    def refused(self, *arguments, says, **options):
        """One line on stderr that holds all of `says`, exit status 2, nothing on stdout."""
        done = report(*arguments, **options)
        self.assertEqual(done.returncode, 2, done)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("heed-report: "), done.stderr)
        self.assertFalse(done.stdout)
        for words in (says,) if isinstance(says, str) else says:
            self.assertIn(words, done.stderr)

    def accepted(self, *arguments, **options):
        done = report(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        return done.stdout
