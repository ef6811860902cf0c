# SPDX-License-Identifier: MIT
"""test_report - what heed-bench --report writes: figures, order, peers, emulation."""
import json
import os
import statistics
import sys
import unittest
from pathlib import Path
from types import SimpleNamespace

import peer_result
from report_case import COMMAND, SHORT, ReportCase, bench, load


def rounds_in_order(result):
    """(position, id) of every round of the cases, sorted."""
    return sorted((r["order"], case["id"]) for case in result["cases"] for r in case["rounds"])


def first_order(result):
    """Ids of the cases by their first round."""
    return list(dict.fromkeys(name for _, name in rounds_in_order(result)))


class Report(ReportCase):
    def test_result(self):
        result = self.report(*SHORT, "--seed", "7")
        self.assertTrue(result["complete"])
        self.assertEqual((result["seed"], result["suite"]), (7, "custom"))
        self.assertNotIn(self.directory, json.dumps(result))
        self.assertEqual(os.listdir(self.directory), ["result.json"])
        ids = [x["id"] for part in ("cases", "ceilings", "skipped") for x in result[part]]
        self.assertEqual(len(ids), len(set(ids)))
        for dtype in ("f32", "f16", "bf16", "bf16-qkv", "i8", "f8"):
            self.assertTrue(any(f"attention/{dtype}/small/scalar/t1" in name for name in ids))
        orders = [order for order, _ in rounds_in_order(result)]
        self.assertEqual(len(orders), len(set(orders)))
        self.assertGreater(len(orders), 0)
        self.check_cases(result)
        self.check_ceilings(result)
        self.check_types(result)

    def check_types(self, result):
        """Arithmetic is held against f32's roof, reading against that of the type read."""
        ceilings = {(c["what"], c["dtype"]) for c in result["ceilings"]}
        for dtype in ("f32", "f16", "bf16", "i8", "f8"):
            self.assertLessEqual({("fma_loads", dtype), ("read_l1", dtype)}, ceilings)
        for case in result["cases"]:
            if case["operation"] != "attention" or case["ceiling_id"] is None:
                continue
            what, dtype = case["ceiling_id"].split("/")[:2]
            read = what.startswith("read_")
            self.assertEqual(read, case["rate_of"] == "bytes", case["id"])
            self.assertEqual(dtype, case["dtype"].removesuffix("-qkv") if read else "f32")

    def check_cases(self, result):
        names = {x["id"] for part in ("cases", "ceilings") for x in result[part]}
        for case in result["cases"]:
            with self.subTest(case["id"]):
                rounds = case["rounds"]
                kept = [r["seconds"] for r in rounds if not r["marks"]]
                median = statistics.median(kept or [r["seconds"] for r in rounds])
                samples = kept or [r["seconds"] for r in rounds]
                mad = statistics.median(abs(x - median) for x in samples)
                self.assertEqual(case["kept"], len(kept))
                self.assertAlmostEqual(case["mad_seconds"], mad, delta=1e-9 * median)
                self.assertGreaterEqual(case["low_seconds"], min(samples))
                self.assertLessEqual(case["high_seconds"], max(samples))
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

    def test_memory_is_said(self):
        """Where tensors stood, and roofs on the same pages beside them."""
        self.assertEqual(self.report(*SHORT)["memory"], "huge")
        result = self.report("--memory", "malloc", "--quick", "--isa", "scalar", "--workloads",
                             "decode-4k", "--types", "f32,bf16", "--budget-s", "20")
        self.assertEqual(result["memory"], "malloc")
        self.check_cases(result)
        pages = {c["id"]: c["pages"] for c in result["ceilings"]}
        held = {c["ceiling_id"] for c in result["cases"]} - {None}
        self.assertGreater(len(held), 0)
        for name in held:
            self.assertTrue(name.endswith("/small"), name)
            self.assertEqual(pages[name], "small")

    def test_masks_and_windows(self):
        """The shape says what hides keys or moves scores, and results are checked with it."""
        names = {"swin": ("head-bias", None), "masked-pad": ("pad", None), "window": (None, 128),
                 "small": (None, None)}
        result = self.report("--quick", "--isa", "scalar", "--types", "f32", "--workloads",
                             ",".join(names), "--budget-s", "90")  # as long as a crowd needs
        self.check_cases(result)
        found = {c["workload"]: (c["shape"]["mask"], c["shape"]["window"])
                 for c in result["cases"] if c["operation"] == "attention"}
        self.assertEqual(found, names)
        self.assertEqual({c["workload"] for c in result["cases"] if c["operation"] == "peer"}
                         - {"small"}, set())

    def test_operations_and_sweeps(self):
        result = self.report("--quick", "--isa", "scalar", "--workloads", "operations,sweeps",
                             "--budget-s", "16")
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

    def test_peers_go_into_the_result(self):
        result = self.report(*SHORT)
        workload = {"name": "small", "batch": 1, "q_heads": 2, "kv_heads": 1, "q_rows": 3,
                    "kv_rows": 5, "dim": 4, "causal": False, "mask": "none", "window": 0,
                    "flop": 480.0, "kv_bytes": 160.0}
        problem = SimpleNamespace(workload=workload, dtype="f32", visible=None, bias=None,
                                  type=SimpleNamespace(itemsize=4))
        for seconds in (2.0, 1.0):  # the second one replaces the first
            rounds = [{"seconds": seconds * factor, "calls": 1, "order": 0, "process": 0,
                       "clock_before": None, "clock_after": None, "ceiling": None, "marks": marks}
                      for factor, marks in ((1, []), (9, ["switch"]), (3, []), (2, []))]
            case = peer_result.case_of(result, problem, "torch", "2", "scalar", rounds,
                                       (1e-7, 1e-6))
            peer_result.add(result, case)
        half = SimpleNamespace(workload=workload | {"mask": "pad"}, dtype="bf16", bias=None,
                               visible=SimpleNamespace(nbytes=5), type=SimpleNamespace(itemsize=2))
        rounds = [r | {"marks": []} for r in rounds]
        peer_result.add(result, peer_result.case_of(result, half, "openvino", "7", "scalar", rounds,
                                                    (1e-3, 1e-2)))
        path = Path(self.directory) / "result.json"
        peer_result.save(result, path)
        *_, case, masked = load(self.directory)["cases"]
        self.assertEqual(len([c for c in result["cases"] if c["library"] == "torch"]), 1)
        self.assertEqual((case["id"], case["kept"]), ("peer/f32/small/torch/t1", 3))
        self.assertEqual((case["median_seconds"], case["mad_seconds"], case["rate"]), (2, 1, 240))
        self.assertEqual(case["bytes"], 160 + 2 * 4 * 24)
        self.assertEqual((case["max_error"], case["error_bound"]), (1e-7, 1e-6))
        self.assertEqual(masked["id"], "peer/bf16-qkv/small/openvino/t1")
        self.assertEqual((masked["bytes"], masked["shape"]["mask"]), (80 + 2 * 2 * 24 + 5, "pad"))
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
