# SPDX-License-Identifier: MIT
"""test_counts - what counts.py makes of a baseline and of counts."""
import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import counts

BASELINE = """# words
compiler x86_64 Debian 12.2.0
compiler arm Debian 12.2.0
x86_64 avx2 a 1000
x86_64 avx2 b 200000
x86_64 sse2 a 4000
arm neon32 a 70
"""


class Command(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.baseline = Path(directory.name) / "baseline.txt"
        self.measured = Path(directory.name) / "measured.txt"
        self.baseline.write_text(BASELINE)

    def run_on(self, text, *options):
        self.measured.write_text(text)
        words = io.StringIO()
        with mock.patch.object(sys, "argv", ["counts", *options, str(self.baseline),
                                             str(self.measured)]), \
                contextlib.redirect_stdout(words):
            return counts.main(), words.getvalue()

    def test_within_a_per_cent(self):
        """Either way, and only what was counted is asked for."""
        status, words = self.run_on("compiler x86_64 x\nx86_64 avx2 a 1010\nx86_64 avx2 b 198001\n")
        self.assertEqual((status, words), (0, "avx2 on x86_64: 2 calls, all within 1%\n"))

    def test_more_fails(self):
        status, words = self.run_on("x86_64 avx2 a 1011\nx86_64 avx2 b 400000\nx86_64 sse2 a 4000\n")
        self.assertEqual(status, 1)
        self.assertIn("avx2 on x86_64: 2 calls, 2 more\n", words)
        self.assertIn("sse2 on x86_64: 1 call, all within 1%\n", words)
        self.assertRegex(words, r"  b +200000 -> +400000  \+100\.0%  MORE\n"
                                r"  a +1000 -> +1011  \+1\.1%  MORE\n")
        self.assertIn("If that is meant: sh bench/counts.sh --renew", words)

    def test_fewer_is_said(self):
        status, words = self.run_on("x86_64 avx2 a 900\nx86_64 avx2 b 200000\n")
        self.assertEqual(status, 0)
        self.assertIn("1 fewer", words)
        self.assertRegex(words, r"  a +1000 -> +900  -10\.0%\n")

    def test_other_calls_fail(self):
        for text, said in (("x86_64 avx2 a 1000\n", r"b +is only in the baseline"),
                           ("x86_64 avx2 a 1000\nx86_64 avx2 b 200000\nx86_64 avx2 c 1\n",
                            r"c +is only in the counts"),
                           ("x86_64 avx9 a 1000\n", r"a +is only in the counts")):
            status, words = self.run_on(text)
            self.assertEqual(status, 1)
            self.assertRegex(words, said)

    def test_nothing_to_compare(self):
        status, words = self.run_on("")
        self.assertEqual(status, 77)
        self.assertIn("the baseline is of gcc Debian 12.2.0; sh bench/counts.sh --renew", words)

    def test_renewing(self):
        """What was counted replaces all of its target; another one stays."""
        status, _ = self.run_on("compiler x86_64 Debian 14.1.0\nx86_64 avx2 c 5\n", "--renew")
        self.assertEqual(status, 0)
        self.assertEqual(self.baseline.read_text().splitlines()[1:],
                         ["compiler arm Debian 12.2.0", "compiler x86_64 Debian 14.1.0",
                          "arm neon32 a 70", "x86_64 avx2 c 5"])
        self.assertEqual(self.run_on("x86_64 avx2 c 5\n")[0], 0)
        self.baseline.unlink()
        self.assertEqual(self.run_on("x86_64 avx2 c 5\n")[0], 1)
        self.assertEqual(self.run_on("x86_64 avx2 c 5\n", "--renew")[0], 0)
        self.assertEqual(self.run_on("x86_64 avx2 c 5\n")[0], 0)


if __name__ == "__main__":
    sys.exit(unittest.main())
