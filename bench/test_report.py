# SPDX-License-Identifier: MIT
"""test_report - heed-bench --report from outside: its result, its order, its refusals.

HEED_BENCH is the command, HEED_BENCH_EMULATOR one that emulates its machine, or nothing.
"""
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import jsonschema

import peer_result

COMMAND = os.environ["HEED_BENCH"]
SCHEMA = json.loads((Path(__file__).parent / "result.schema.json").read_text(encoding="utf-8"))
# Two instruction sets that run everywhere or nowhere near; a second or two for each.
SHORT = ["--budget-s", "4", "--isa", "scalar", "--workloads", "sentence,small"]


def bench(*options, command=(COMMAND,)):
    return subprocess.run([*command, *options], check=False, capture_output=True, text=True,
                          timeout=300)


def load(directory):
    result = json.loads((Path(directory) / "result.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(SCHEMA).validate(result)
    return result


def rounds_in_order(result):
    """(position, id) of every round of the cases, sorted."""
    return sorted((r["order"], case["id"]) for case in result["cases"] for r in case["rounds"])


def first_order(result):
    """Ids of the cases by their first round."""
    return list(dict.fromkeys(name for _, name in rounds_in_order(result)))


class Report(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def report(self, *options):
        run = bench("--report", self.directory, *options)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stdout, "")
        return load(self.directory)

    def test_result(self):
        result = self.report(*SHORT, "--seed", "7")
        self.assertTrue(result["complete"])
        self.assertEqual((result["seed"], result["suite"]), (7, "custom"))
        self.assertNotIn(self.directory, json.dumps(result))
        self.assertEqual(os.listdir(self.directory), ["result.json"])
        ids = [x["id"] for part in ("cases", "ceilings", "skipped") for x in result[part]]
        self.assertEqual(len(ids), len(set(ids)))
        for dtype in ("f32", "f16", "bf16"):
            self.assertTrue(any(f"attention/{dtype}/small/scalar/t1" in name for name in ids))
        orders = [order for order, _ in rounds_in_order(result)]
        self.assertEqual(len(orders), len(set(orders)))
        self.assertGreater(len(orders), 0)
        self.check_cases(result)
        self.check_ceilings(result)

    def check_cases(self, result):
        names = {x["id"] for part in ("cases", "ceilings") for x in result[part]}
        for case in result["cases"]:
            with self.subTest(case["id"]):
                rounds = case["rounds"]
                kept = [r["seconds"] for r in rounds if not r["marks"]]
                median = statistics.median(kept or [r["seconds"] for r in rounds])
                self.assertEqual(case["kept"], len(kept))
                self.assertAlmostEqual(case["median_seconds"] / median, 1, delta=1e-9)
                self.assertAlmostEqual(case["rate"] * median / case[case["rate_of"]], 1, delta=1e-9)
                self.assertLessEqual(case["low_seconds"], median * (1 + 1e-9))
                self.assertGreaterEqual(case["high_seconds"], median * (1 - 1e-9))
                self.assertLessEqual(case["max_error"], case["error_bound"])
                self.assertGreater(case["error_bound"], 0)
                for r in rounds:
                    drift = abs(r["clock_after"] / r["clock_before"] - 1)
                    self.assertEqual("clock" in r["marks"], drift > 0.02)
                for name in (case["ceiling_id"], case["repeat_of"]):
                    self.assertIn(name, names | {None})

    def check_ceilings(self, result):
        for ceiling in result["ceilings"]:
            with self.subTest(ceiling["id"]):
                kept = [s for s, k in zip(ceiling["samples"], ceiling["kept"]) if k]
                median = statistics.median(kept or ceiling["samples"])
                self.assertEqual(len(ceiling["samples"]), len(ceiling["kept"]))
                self.assertAlmostEqual(ceiling["median"] / median, 1, delta=1e-9)
                theory = ceiling["theory"]
                self.assertEqual(theory is None, ceiling["theory_is"] is None)
                self.assertEqual(ceiling["above_theory"],
                                 theory is not None and median > 1.02 * theory)

    def test_operations_and_sweeps(self):
        result = self.report("--quick", "--isa", "scalar", "--workloads", "operations,sweeps",
                             "--budget-s", "8")
        names = {case["id"] for case in result["cases"]}
        for name in ("exp/f32/1024/scalar/t1", "linear/f32/1024/scalar/t1",
                     "sweep_prefill/f32/64/scalar/t1"):
            self.assertIn(name, names)
        self.check_cases(result)

    def test_order_is_that_of_the_seed(self):
        def order(seed, names):
            return [name for name in first_order(self.report(*SHORT, "--seed", seed))
                    if not names or name in names]

        first = order("1", None)
        again, other = order("1", first), order("2", first)
        self.assertGreater(len(first), 4)
        self.assertEqual(again, [name for name in first if name in again])
        self.assertNotEqual(other, [name for name in first if name in other])

    def test_strict_fails_below_a(self):
        run = bench("--report", self.directory, *SHORT, "--strict")
        self.assertEqual(run.returncode, int(load(self.directory)["quality"]["grade"] != "A"))

    def start(self, *options):
        run = subprocess.Popen([COMMAND, "--report", self.directory, *options], text=True,
                               stderr=subprocess.PIPE, start_new_session=True)
        self.addCleanup(run.stderr.close)
        self.addCleanup(run.kill)
        return run

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
            ("--threads", "1,0"): "--threads wants numbers from 1 to 4096",
            ("--threads", "1,,2"): "--threads wants numbers",
            ("--threads", "4096"): "there are not so many cores in a row",
            ("--cpu", "65000"): "cannot stay on 1 core from 65000 on",
            ("--cpu", "-1"): "--cpu wants a whole number, not '-1'",
            ("--seed", "0x1"): "--seed wants a whole number",
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

    def test_unwritable_directory(self):
        # Root may write anywhere: not into a file, though, or where nothing is.
        for directory in ("/proc/none", COMMAND, "/nowhere/at/all", ""):
            with self.subTest(directory):
                start = time.monotonic()
                run = bench("--report", directory)
                self.assertEqual(run.returncode, 2)
                self.assertIn("directory" if not directory else directory, run.stderr)
                self.assertLess(time.monotonic() - start, 30)  # of 180

    def test_peers_go_into_the_result(self):
        result = self.report(*SHORT)
        workload = {"name": "small", "batch": 1, "q_heads": 2, "kv_heads": 1, "q_rows": 3,
                    "kv_rows": 5, "dim": 4, "causal": False, "flop": 480.0, "kv_bytes": 160.0}
        for seconds in (2.0, 1.0):  # the second one replaces the first
            rounds = [{"seconds": seconds * factor, "calls": 1, "order": 0, "process": 0,
                       "clock_before": None, "clock_after": None, "ceiling": None, "marks": marks}
                      for factor, marks in ((1, []), (9, ["switch"]), (3, []), (2, []))]
            case = peer_result.case_of(result, workload, "torch", "2", "scalar", rounds, 1e-7)
            peer_result.add(result, case)
        path = Path(self.directory) / "result.json"
        peer_result.save(result, path)
        case = load(self.directory)["cases"][-1]
        self.assertEqual(len([c for c in result["cases"] if c["library"] == "torch"]), 1)
        self.assertEqual((case["id"], case["kept"]), ("peer/f32/small/torch/t1", 3))
        self.assertEqual((case["median_seconds"], case["mad_seconds"], case["rate"]), (2, 1, 240))
        self.assertEqual(case["bytes"], 160 + 2 * 4 * 24)
        orders = [r["order"] for c in result["cases"] for r in c["rounds"]]
        self.assertEqual(len(orders), len(set(orders)))
        self.assertEqual(peer_result.load(path), result)
        for text, words in {"": "Expecting value", "[]": "schema is not heed-bench",
                            '{"schema": "heed-bench", "schema_version": 2}': "schema_version is 2",
                            '{"schema": "heed-bench", "schema_version": 1, "cases": [{}]}':
                            "cases is not a list"}.items():
            path.write_text(text, encoding="utf-8")
            with self.assertRaisesRegex(peer_result.BadResult, words):
                peer_result.load(path)

    @unittest.skipUnless(os.environ.get("HEED_BENCH_EMULATOR"), "there is no emulator")
    def test_emulation_hides_times(self):
        run = bench("--report", self.directory, *SHORT,
                    command=(os.environ["HEED_BENCH_EMULATOR"], COMMAND))
        self.assertEqual(run.returncode, 0, run.stderr)
        result = load(self.directory)
        self.assertEqual(result["machine"]["emulation"], "qemu")
        self.assertEqual(result["quality"]["grade"], "C")
        self.assertEqual(result["ceilings"], [])
        self.assertGreater(len(result["cases"]), 4)
        for case in result["cases"]:
            self.assertEqual((case["rounds"], case["median_seconds"], case["rate"]), ([], None, None))
            self.assertLessEqual(case["max_error"], case["error_bound"])


if __name__ == "__main__":
    sys.exit(unittest.main())
