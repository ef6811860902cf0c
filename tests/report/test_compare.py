# SPDX-License-Identifier: MIT
"""test_compare - what counts as a difference between two runs, and what does not."""
import os
import subprocess
import sys
import unittest

from reporting import COMMAND, Case, report, require_packages
from synthetic import synthetic

SAMPLE = "attention/f32/bert/avx2/t1"


class Compare(Case):
    def compare(self, old, new, *options):
        """Exit status, and {case id: verdict}; the other lines."""
        done = report("--compare", old, new, *options)
        self.assertEqual(done.stderr, "")
        names = {case["id"] for case in synthetic()["cases"]}
        lines = done.stdout.splitlines()
        rows = {line.split()[0]: line for line in lines if line and line.split()[0] in names}
        verdicts = {name: next(word for word in ("no difference", "could be chance", "SLOWER",
                                                 "FASTER", "too few rounds") if line.endswith(word))
                    for name, line in rows.items()}
        return done.returncode, verdicts, [line for line in lines if line not in rows.values()]

    def test_with_itself(self):
        path = self.result()
        status, verdicts, _ = self.compare(path, path)
        self.assertEqual(status, 0)
        self.assertEqual(len(verdicts), 240)
        self.assertEqual(set(verdicts.values()), {"no difference"})

    def test_again(self):
        """Other noise, nothing else: at least 95 % agree, and nothing is called slower."""
        for seed in (2, 3):
            status, verdicts, _ = self.compare(self.result("a"), self.result("b", seed=seed))
            self.assertEqual(status, 0)
            agreed = sum(verdict == "no difference" for verdict in verdicts.values())
            self.assertGreaterEqual(agreed, 0.95 * len(verdicts))

    def test_regression(self):
        old = self.result("old")
        slow = self.result("slow", seed=2, slower={SAMPLE: 1.05})
        status, verdicts, lines = self.compare(old, slow)
        self.assertEqual(status, 1)
        self.assertEqual([name for name, v in verdicts.items() if v == "SLOWER"], [SAMPLE])
        self.assertIn("1 slower", lines[-1])
        status, verdicts, _ = self.compare(slow, old)
        self.assertEqual((status, verdicts[SAMPLE]), (0, "FASTER"))

    def test_interval(self):
        """That of a change of 5 % holds the 5 %, and not 0."""
        done = report("--compare", self.result("old"),
                      self.result("slow", seed=2, slower={SAMPLE: 1.05}))
        words = next(line for line in done.stdout.splitlines() if SAMPLE in line).split()
        low, high = (float(words[i].replace("\N{MINUS SIGN}", "-")) for i in (3, 6))
        self.assertTrue(0 < low < 5 < high < 8, words)

    def test_within_resolution(self):
        """Without noise a change of 1 % is as significant as can be, and still below 1.2 %."""
        old, new = synthetic(), synthetic(seed=1, slower={SAMPLE: 1.01})
        status, verdicts, _ = self.compare(self.write(self.folder, old, "old"),
                                           self.write(self.folder, new, "new"))
        self.assertEqual((status, verdicts[SAMPLE]), (0, "no difference"))
        for result in (old, new):
            result["quality"]["resolution"] = 0.001
            for case in result["cases"]:
                middle = case["median_seconds"]
                for i, one in enumerate(case["rounds"]):
                    one["seconds"] = middle * (1 + 1e-4 * (i - 5))
        status, verdicts, _ = self.compare(self.write(self.folder, old, "old"),
                                           self.write(self.folder, new, "new"))
        self.assertEqual((status, verdicts[SAMPLE]), (1, "SLOWER"))

    def test_only_kept_rounds(self):
        old, new = synthetic(), synthetic()
        for case in new["cases"]:
            for one in case["rounds"][:6]:
                one["marks"] = ["switch"]
                one["seconds"] *= 3
            case["kept"] = sum(not one["marks"] for one in case["rounds"])
        _, verdicts, _ = self.compare(self.write(self.folder, old, "old"),
                                      self.write(self.folder, new, "new"))
        self.assertNotIn("SLOWER", verdicts.values())

    def test_too_few_rounds(self):
        old, new = synthetic(), synthetic(slower={SAMPLE: 2})
        for case in new["cases"]:
            for one in case["rounds"][3:]:
                one["marks"] = ["steal"]
        status, verdicts, _ = self.compare(self.write(self.folder, old, "old"),
                                           self.write(self.folder, new, "new"))
        self.assertEqual((status, verdicts[SAMPLE]), (0, "too few rounds"))

    def test_of_ceiling(self):
        """A clock that is 7 % lower is the machine's affair."""
        old, new = self.result("old"), self.result("new", seed=2, drift=0.93)
        status, verdicts, lines = self.compare(old, new)
        self.assertEqual(status, 1)
        self.assertTrue(any("the machine changed" in line for line in lines))
        status, verdicts, _ = self.compare(old, new, "--of-ceiling")
        self.assertEqual(status, 0)
        agreed = sum(verdict == "no difference" for verdict in verdicts.values())
        self.assertGreaterEqual(agreed, 0.95 * len(verdicts))

    def test_other_memory_is_said(self):
        """Results from before there was a choice stood on huge pages."""
        old, new = synthetic(), synthetic()
        del old["memory"]
        for memory, said in (("malloc", True), ("huge", False)):
            new["memory"] = memory
            _, _, lines = self.compare(self.write(self.folder, old, "old"),
                                       self.write(self.folder, new, "new"))
            self.assertEqual("note: tensors in different memory: huge and malloc" in lines, said)

    def test_missing_cases(self):
        new = synthetic()
        new["cases"] = new["cases"][5:]
        new["cases"].append(new["cases"][0] | {"id": "new one"})
        _, _, lines = self.compare(self.result("old"), self.write(self.folder, new, "new"))
        self.assertIn("only in the new run: new one", lines)
        self.assertEqual(sum("only in the old run: " in line for line in lines), 5)

    def test_refusals(self):
        old = self.result("old")
        for members, says in (({"suite_id": "other"}, "suite_id"), ({"schema_version": 2}, "newer"),
                              ({"cases": []}, "none in common")):
            self.refused("--compare", old, self.write(self.folder, synthetic() | members, "new"),
                         says=says)
        emulated = synthetic()
        emulated["machine"]["emulation"] = "qemu"
        self.refused("--compare", old, self.write(self.folder, emulated, "new"), says="qemu")
        self.refused("--compare", old, says="--compare")
        self.refused("--compare", old, self.folder / "none", says=("none", "No such file"))
        self.refused("--compare", old, old, "--csv", "-", says="standard output only")


class Bench(Case):
    """heed-bench --compare hands over to heed-report."""

    def setUp(self):
        super().setUp()
        self.bench = os.environ.get("HEED_BENCH")
        if not self.bench:
            self.skipTest("no heed-bench in this build")

    def run_bench(self, *arguments, **options):
        return subprocess.run([self.bench, *map(str, arguments)], capture_output=True, check=False,
                              encoding="utf-8", timeout=300, **options)

    def test_the_same_answer(self):
        old, new = self.result("old"), self.result("new", seed=2, slower={SAMPLE: 1.05})
        done = self.run_bench("--compare", old, new)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertEqual(done.stdout, report("--compare", old, new).stdout)
        self.assertEqual(self.run_bench("--compare", old, old).returncode, 0)

    def test_refusals(self):
        for arguments in (["--compare"], ["--compare", "a.json"],
                          ["--compare", *"abcdefghijklmnopq"]):
            done = self.run_bench(*arguments)
            self.assertEqual((done.returncode, done.stderr.count("\n")), (2, 1), done)
            self.assertIn("--compare", done.stderr)


class WithoutPackages(Case):
    def test_says_what_it_needs(self):
        """-S: without the packages of any place."""
        path, page = self.result(), self.folder / "page.html"
        for arguments in (["--compare", path, path], [path, "-o", page]):
            done = subprocess.run([sys.executable, "-S", "-I", "-B", COMMAND, *arguments],
                                  capture_output=True, check=False, encoding="utf-8")
            self.assertEqual(done.returncode, 2)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
            self.assertIn("heed-report: needs python3 with ", done.stderr)
        self.assertFalse(page.exists())


if __name__ == "__main__":
    require_packages()
    unittest.main()
