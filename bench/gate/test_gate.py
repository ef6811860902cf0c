# SPDX-License-Identifier: MIT
"""test_gate - what speed-gate makes of noise, of real differences, and of its program.

HEED_GATE is heed-gate, HEED_LIBRARY libheed.so, HEED_GATE_SLOWER the same with another attention
(test_slower.c).
"""
import contextlib
import io
import math
import os
import pty
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import gate
from judge import LEAST, MOST, OK, SLOWER, Estimate, decided, estimate, judge, ranks, worse

PROGRAM, LIBRARY = os.environ["HEED_GATE"], os.environ["HEED_LIBRARY"]


class Machine:
    """A noisy one: the clock drifts by a fifth, every call jitters by some per cent, and in
    bursts others take caches and time away from whichever side is running."""

    def __init__(self, seed, slower=1.0, jitter=0.04, burst=0.15):
        self.random, self.slower, self.jitter, self.burst = random.Random(seed), slower, jitter, burst
        self.time = self.made = 0

    def call(self, seconds):
        self.time += 1
        seconds *= 1 + 0.2 * math.sin(self.time / 37) ** 2
        seconds *= math.exp(self.random.gauss(0, self.jitter))
        if self.random.random() < self.burst:
            seconds *= 1 + self.random.expovariate(2)
        return seconds

    def rounds(self, count):
        """As heed-gate makes them."""
        def one():
            self.made += 1
            sides = [1e-3, 1e-3 * self.slower]
            first = self.made % 2
            times = [(side, self.call(sides[side])) for side in (first, not first, not first, first)]
            return tuple(min(time for which, time in times if which == side) for side in (0, 1))
        return [one() for _ in range(count)]


class Judge(unittest.TestCase):
    def test_ranks(self):
        """The binomial distribution: of 8 coins all fall alike once in 128 times, of 7 in 64."""
        self.assertEqual(ranks(8), 0)
        with self.assertRaises(ValueError):
            ranks(7)
        for count in range(LEAST, MOST + 1):
            cut = ranks(count)
            tail = [sum(math.comb(count, k) for k in range(n + 1)) / 2**count for n in (cut, cut + 1)]
            self.assertLessEqual(2 * tail[0], 0.01, count)
            self.assertGreater(2 * tail[1], 0.01, count)

    def test_intervals_hold_the_truth(self):
        missed = 0
        for seed in range(500):
            found = estimate(Machine(seed, 1.05).rounds(30))
            missed += not found.low <= 1 / 1.05 <= found.high
        self.assertLess(missed, 15)  # 5 expected; three of its deviations more would be 12

    def test_nothing_changed(self):
        """A/A: of 300 cases none fails, and few of them once."""
        verdicts = [judge(Machine(seed).rounds)[0] for seed in range(300)]
        self.assertLess(verdicts.count(SLOWER), 9)
        again = [judge(Machine(1000 + seed).rounds)[0]
                 for seed, verdict in enumerate(verdicts) if verdict == SLOWER]
        self.assertNotIn(SLOWER, again)

    def test_five_per_cent_are_caught(self):
        """At 0.952, in both processes, all but once in fifty; 20 % always."""
        def caught(slower, seed):
            return all(judge(Machine(seed + second, slower).rounds)[0] == SLOWER
                       for second in (0, 10000))
        self.assertGreaterEqual(sum(caught(1.05, seed) for seed in range(100)), 98)
        self.assertTrue(all(caught(1.2, seed) for seed in range(100)))

    def test_two_per_cent_pass(self):
        """As do improvements.  0.98 is nearer to the limit than such a machine tells at once."""
        for slower, most in ((1.02, 10), (0.9, 0)):
            failed = sum(judge(Machine(seed, slower).rounds)[0] == SLOWER for seed in range(100))
            self.assertLessEqual(failed, most, slower)

    def test_rounds_are_spent_near_the_limit(self):
        def spent(slower):
            return sum(judge(Machine(seed, slower).rounds)[1].rounds for seed in range(50)) / 50
        self.assertGreater(spent(1 / 0.97), 2 * spent(0.9))
        self.assertLess(spent(0.8), 2 * LEAST)
        self.assertLessEqual(spent(1 / 0.97), MOST)

    def test_time_ends_a_case_in_doubt(self):
        _, found = judge(Machine(1, 1 / 0.97).rounds, most_seconds=1e-9)
        self.assertEqual(found.rounds, LEAST)

    def test_decisions(self):
        self.assertEqual(decided(Estimate(1, 0.98, 1.1, 8)), OK)
        self.assertIsNone(decided(Estimate(1, 0.96, 1.1, 8)))
        self.assertIsNone(decided(Estimate(0.95, 0.9, 0.971, 8)))
        self.assertEqual(decided(Estimate(0.95, 0.9, 0.969, 8)), SLOWER)

    def test_worse(self):
        def verdict(ratio):
            return OK if ratio >= 0.97 else SLOWER, Estimate(ratio, ratio, ratio, 8)
        self.assertEqual(worse(verdict(0.9), verdict(1.0))[0], OK)
        self.assertEqual(worse(verdict(0.9), verdict(0.95))[1].ratio, 0.95)
        self.assertEqual(worse(verdict(0.95), verdict(0.9))[1].ratio, 0.95)


# In place of heed-gate: "steady" is steady, "slow" 5 % slower, "once" only in the first process.
PRETENDER = '''
import os, sys
print("isa avx2\\nisa avx2\\ncase steady\\ncase slow\\ncase once\\ncase lacking\\nready", flush=True)
mark = sys.argv[-1] + ".second"
second = os.path.exists(mark)
open(mark, "w").close()
for line in sys.stdin:
    case, rounds = line.split()
    for i in range(int(rounds)):
        slower = {"slow": 1.05, "once": 1.0 if second else 1.1}.get(case, 1.0)
        if case == "lacking":
            print("skip the old library says: no")
            break
        print("round", 1e-3, 1e-3 * slower * (1 + 1e-3 * (i % 3)))
    print("end", flush=True)
'''


class Command(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.pretender = self.directory / "pretender"
        self.pretender.write_text(f"#!{sys.executable}{PRETENDER}")
        self.pretender.chmod(0o755)

    def run_gate(self, *options, program=None, libraries=None):
        old, new = libraries or ("old.so", str(self.directory / "new.so"))
        words, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(words), contextlib.redirect_stderr(errors):
            status = gate.main(["--program", str(program or self.pretender), "--names", "a", "b",
                                *options, old, new])
        return status, words.getvalue(), errors.getvalue()

    def test_a_slower_case_fails(self):
        status, words, errors = self.run_gate()
        self.assertEqual((status, errors), (1, ""))
        self.assertIn("4 cases: 2 not slower than 0.97, 1 slower, 1 skipped\n  slower: slow\n", words)
        self.assertRegex(words, r"\nslow .* 0\.95\d +0\.95\d to 0\.95\d +\d+  SLOWER\n")
        self.assertRegex(words, r"\nsteady .* \d+\n")
        self.assertIn("once more, in another process: 2 that were slower", words)
        self.assertIn("lacking", words)
        self.assertNotIn("\x1b", words)

    def test_one_that_was_slower_once_passes(self):
        status, words, _ = self.run_gate("--cases", "once|steady")
        self.assertEqual(status, 0)
        self.assertIn("2 cases: 2 not slower than 0.97, 0 slower, 0 skipped", words)

    def test_limits(self):
        self.assertEqual(self.run_gate("--cases", "slow", "--limit", "0.9")[0], 0)
        self.assertEqual(self.run_gate("--cases", "steady", "--limit", "1.01")[0], 1)

    def test_refusals(self):
        for options, program, expected in (
                (("--cases", "none"), None, "no case matches none"),
                (("--cases", "("), None, "missing"),
                ((), "/nowhere/at/all", "/nowhere/at/all"),
                (("--cpu", "65000"), None, "Invalid argument"),
                ((), "/bin/false", "heed-gate ended with status 1")):
            status, _, errors = self.run_gate(*options, program=program)
            self.assertEqual(status, 2)
            self.assertIn(expected, errors)
        status, _, errors = self.run_gate(program=PROGRAM, libraries=(LIBRARY, "/nowhere.so"))
        self.assertEqual(status, 2)

    def test_a_bar_on_a_terminal(self):
        master, slave = pty.openpty()
        run = subprocess.run([sys.executable, "-B", gate.__file__, "--program", self.pretender, "o",
                              self.directory / "n"], stdout=subprocess.PIPE, stderr=slave, text=True,
                             check=False)
        os.close(slave)
        words = b""
        with contextlib.suppress(OSError):  # so Linux says that nobody holds the other end
            while part := os.read(master, 4096):
                words += part
        os.close(master)
        self.assertRegex(words, rb"\[[#]{5}\.{15}\] 1/4.*: slow")
        self.assertNotIn("\x1b", run.stdout)

    def test_two_real_libraries(self):
        """Of the same code: every kind of call is made, on both sides, and none is refused."""
        copy = self.directory / "libheed.so"
        shutil.copy(LIBRARY, copy)
        kinds = ("attention/f32/(sentence|swin)$|attention.*/(i8|bf16-qkv)/decode-4k|backward/f32/small"
                 "|/token|/chunk|pack_k/i8|/64$")
        status, words, errors = self.run_gate("--cases", kinds, "--limit", "0.01", program=PROGRAM,
                                              libraries=(LIBRARY, str(copy)))
        self.assertEqual((status, errors), (0, ""), words)
        self.assertIn(" 0 slower, 0 skipped", words)
        for case in ("attention/f32/sentence", "attention_packed/i8/decode-4k", "backward/f32/small",
                     "kv_append/bf16/chunk", "pack_k/i8/verify-2", "rope/f32/64"):
            self.assertRegex(words, rf"\n{case} +[\d.]+ .s +[\d.]+ .s ")

    def test_a_slower_real_library(self):
        """By so much that no machine hides it; what it does not slow down passes."""
        with mock.patch.dict(os.environ, {"HEED_SLOWER": "25"}):
            status, words, _ = self.run_gate(
                "--cases", "^(attention/f32/(small|swin)|scores/f32/1024)$", program=PROGRAM,
                libraries=(LIBRARY, os.environ["HEED_GATE_SLOWER"]))
        self.assertEqual(status, 1, words)
        self.assertIn("\n  slower: attention/f32/small\n  slower: attention/f32/swin\n", words)

    def test_the_program_gives_no_symbols(self):
        """Else a library's own calls could end in it, or in the other one."""
        symbols = subprocess.run(["nm", "-D", "--defined-only", PROGRAM], check=True, text=True,
                                 capture_output=True).stdout
        self.assertNotIn("heed_", symbols)


if __name__ == "__main__":
    sys.exit(unittest.main())
