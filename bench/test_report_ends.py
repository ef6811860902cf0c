# SPDX-License-Identifier: MIT
"""test_report_ends - how heed-bench --report ends: signals, crashes, refusals; its words."""
import os
import pty
import select
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from report_case import COMMAND, SHORT, ReportCase, bench, load


class Ends(ReportCase):
    def start(self, *options):
        run = subprocess.Popen([COMMAND, "--report", self.directory, *options], text=True,
                               stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(run.stderr.close)
        self.addCleanup(run.kill)
        return run

    def test_strict_fails_below_a(self):
        run = bench("--report", self.directory, *SHORT, "--strict")
        self.assertEqual(run.returncode, int(load(self.directory)["quality"]["grade"] != "A"))

    def test_progress_on_a_terminal(self):
        master, slave = pty.openpty()
        run = subprocess.Popen([COMMAND, "--report", self.directory, *SHORT], stderr=slave)
        os.close(slave)
        words = b""
        while run.poll() is None or select.select([master], [], [], 0)[0]:
            if select.select([master], [], [], 0.1)[0]:
                try:
                    words += os.read(master, 4096)
                except OSError:  # so Linux says that nobody holds the other end any more
                    break
        os.close(master)
        self.assertEqual(run.wait(), 0)
        self.assertRegex(words, rb"\rheed-bench: scalar, 1 thread \(1 of 1\), \d+ s left")
        self.assertRegex(words, rb"grade [ABC]")

    def check_interrupted(self, run, number):
        _, words = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 128 + number, words)
        result = load(self.directory)
        self.assertFalse(result["complete"])
        self.assertIn("it was interrupted", result["quality"]["reasons"])
        self.assertEqual(os.listdir(self.directory), ["result.json"])
        with self.assertRaises(ProcessLookupError):  # the child is gone as well
            os.killpg(run.pid, 0)
        return result

    def test_interrupt_leaves_a_partial_result(self):
        run = self.start("--isa", "scalar", "--workloads", "sentence", "--budget-s", "600")
        time.sleep(3)
        os.killpg(run.pid, signal.SIGINT)  # as a terminal does
        self.check_interrupted(run, signal.SIGINT)

    def test_termination_of_the_parent_alone(self):
        run = self.start("--full", "--isa", "scalar")
        time.sleep(1)
        run.terminate()
        result = self.check_interrupted(run, signal.SIGTERM)
        self.assertIn("interrupted before its first round",
                      {entry["reason"] for entry in result["skipped"]})

    def test_a_crash_is_said(self):
        run = self.start("--full", "--isa", "scalar")
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children")
        while not (pids := children.read_text(encoding="ascii").split()):
            time.sleep(0.01)
        os.kill(int(pids[0]), signal.SIGSEGV)
        _, words = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 1, words)
        self.assertIn("scalar: its process ended by signal 11", words)
        self.assertIn("its process ended by signal 11", load(self.directory)["skipped"][-1]["reason"])

    def test_refusals(self):
        cases = {
            ("--workloads", "bert,brt"): "unknown workload 'brt'; known: sentence, small, bert",
            ("--workloads", ""): "unknown workload ''",
            ("--isa", "avx3"): "unknown instruction set 'avx3'; known: scalar",
            ("--types", "f32,f33"): "unknown type 'f33'; known: f32, f16, bf16",
            ("--threads", "1,0"): "--threads wants different numbers from 1 to 4096",
            ("--threads", "1,,2"): "--threads wants different numbers",
            ("--threads", "2,1,2"): "--threads wants different numbers",
            ("--threads", "4096"): "there are not so many cores in a row",
            ("--cpu", "65000"): "cannot stay on 1 core from 65000 on",
            ("--cpu", "-1"): "--cpu wants a whole number, not '-1'",
            ("--seed", "0x1"): "--seed wants a whole number",
            ("--memory", "mallo"): "--memory wants huge or malloc, not 'mallo'",
            ("--budget-s", "0"): "--budget-s wants a number of seconds",
            ("--budget-s", "nan"): "--budget-s wants a number of seconds",
            ("--quick", "--benchmark_filter=x"): "does not go with '--benchmark_filter=x'",
            ("--seed",): "--seed wants a whole number, not ''",
        }
        for options, words in cases.items():
            with self.subTest(options):
                run = bench("--report", self.directory, *options)
                self.assertEqual(run.returncode, 2)
                self.assertIn(words, run.stderr)
                self.assertEqual(os.listdir(self.directory), [])

    def test_the_page_is_named(self):
        """The command that draws it works as it is printed; without Python, what it needs is said."""
        for path in (os.environ["PATH"], "/nowhere"):
            run = bench("--report", self.directory, *SHORT[:1], "--budget-s", "2", *SHORT[3:],
                        env={"PATH": path})
            self.assertEqual(run.returncode, 0, run.stderr)
            words = run.stderr[run.stderr.index("Its page"):]
            if not words.startswith("Its page: "):
                self.assertIn("python3-matplotlib python3-jinja2 python3-scipy", words)
                continue
            page = Path(self.directory) / "report.html"
            command = words.removeprefix("Its page: ").strip().replace("report.html", str(page))
            done = subprocess.run(command, shell=True, check=False, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(page.exists())

    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "one core has one kind")
    def test_core_kinds(self):
        cpus = sorted(os.sched_getaffinity(0))[:2]
        sysfs = Path(self.directory) / "sysfs"
        for cpu, capacity, midr in zip(cpus, ("446", "1024"), ("0x410fd034", "0x410fd082")):
            folder = sysfs / f"cpu{cpu}/regs/identification"
            folder.mkdir(parents=True)
            (folder / "midr_el1").write_text(midr + "\n", encoding="ascii")
            (sysfs / f"cpu{cpu}/cpu_capacity").write_text(capacity + "\n", encoding="ascii")
        out = Path(self.directory) / "out"
        options = [*SHORT, "--sysfs", str(sysfs)]
        run = subprocess.Popen([COMMAND, "--report", str(out), *options], stderr=subprocess.DEVNULL)
        children, pinned = Path(f"/proc/{run.pid}/task/{run.pid}/children"), set()
        while run.poll() is None:
            try:
                for pid in children.read_text(encoding="ascii").split():
                    pinned.add(tuple(sorted(os.sched_getaffinity(int(pid)))))
            except OSError:  # it has just ended
                pass
            time.sleep(0.05)
        self.assertEqual(run.returncode, 0)
        self.assertLessEqual({(cpu,) for cpu in cpus}, pinned)
        result = load(out)
        self.assertNotIn(str(sysfs), " ".join(result["options"]))
        self.assertEqual([(kind["cpu"], kind["cpus"], kind["capacity"], kind["midr"])
                          for kind in result["core_kinds"][:2]],
                         [(cpus[0], 1, 446, "0x410fd034"), (cpus[1], 1, 1024, "0x410fd082")])
        for part in ("ceilings", "cases"):
            kinds = {item["core_kind"] for item in result[part]}
            self.assertLessEqual({"c0", "c1"}, kinds)
            for item in result[part]:
                self.assertIn("/" + item["core_kind"], item["id"])
        for case in result["cases"]:
            if case["ceiling_id"]:
                self.assertIn("/" + case["core_kind"], case["ceiling_id"])
        one = self.report(*options, "--cpu", str(cpus[1]))
        self.assertEqual((one["core_kinds"], one["cpu"]), ([], cpus[1]))
        self.assertEqual(one["suite_id"], result["suite_id"])

    def test_unwritable_directory(self):
        # Root may write anywhere: not into a file, though, or where nothing is.
        for directory in ("/proc/none", COMMAND, "/nowhere/at/all", ""):
            with self.subTest(directory):
                start = time.monotonic()
                run = bench("--report", directory)
                self.assertEqual(run.returncode, 2)
                self.assertIn("directory" if not directory else directory, run.stderr)
                self.assertLess(time.monotonic() - start, 30)  # of 180


if __name__ == "__main__":
    sys.exit(unittest.main())
