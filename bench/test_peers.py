# SPDX-License-Identifier: MIT
"""test_peers - what peers.py holds results against, and the tables of what it measured.

HEED_LIBRARY is libheed.so.  No other library is needed, and no ml_dtypes, without which bf16 is
left out.
"""
import contextlib
import io
import json
import os
import sys
import tempfile
import types
import unittest
from pathlib import Path
from unittest import mock

try:
    import numpy as np
except ImportError:
    print("there is no NumPy")
    sys.exit(77)

import peer_medians
import peers_table
from heed_ctypes import Heed
from peer_heed import heed_attention
from peer_problem import Problem, Unsupported, bottom_right, element


def workload(**members):
    plain = {"name": "made-up", "batch": 4, "q_heads": 4, "kv_heads": 2, "q_rows": 40, "kv_rows": 72,
             "dim": 24, "causal": False, "query_factor": 1, "mask": "none", "window": 0,
             "flop": 1.0, "kv_bytes": 1.0}
    made = plain | members
    return {"lengths": [made["kv_rows"] - 19 * (b % 2) for b in range(made["batch"])]} | made


MASKED = [workload(mask=name) for name in ("pad", "bits", "bytes", "bias", "head-bias")] + [
    workload(causal=True), workload(causal=True, q_rows=72), workload(causal=True, window=16)]


def known_types():
    try:
        element("bf16")
    except ImportError:
        return ["f32", "f16"]
    return ["f32", "f16", "bf16"]


class Problems(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.heed = Heed(os.environ["HEED_LIBRARY"])

    def result(self, problem):
        compute, result = heed_attention(self.heed, problem)
        compute()
        return result()

    def test_heed_is_right(self):
        for dtype in known_types():
            for shape in [workload(), *MASKED]:
                with self.subTest((dtype, shape)):
                    problem = Problem(shape, dtype)
                    error, bound = problem.largest_error(self.result(problem))
                    self.assertGreater(error, 0)
                    self.assertLessEqual(error, bound)

    def test_a_mask_ignored_is_found(self):
        """By one who compares with heed, whatever the type; so is a NaN, and a wrong scale."""
        for dtype in known_types():
            for shape in MASKED:
                with self.subTest((dtype, shape)):
                    problem = Problem(shape, dtype)
                    right = self.result(problem)
                    plain = shape | {"mask": "none", "causal": False, "window": 0}
                    wrong = self.result(Problem(plain, dtype))
                    self.assertGreater(problem.distance(wrong, right), 1)
                    self.assertLessEqual(problem.distance(right.copy(), right), 1)
                    right[0, 0, 0, 0] = np.nan
                    self.assertFalse(problem.distance(right, right) <= 1)

    def test_a_result_in_double_is_near(self):
        """Of the formula, computed densely, in each type rounded once at the end."""
        for dtype in known_types():
            for shape in MASKED:
                with self.subTest((dtype, shape)):
                    problem = Problem(shape, dtype)
                    self.assertLessEqual(problem.distance(dense(problem), self.result(problem)), 1)

    def test_masks_for_others(self):
        square = workload(causal=True, q_rows=72)
        self.assertTrue(Problem(square).square_causal)
        self.assertIsNone(Problem(square).mask())
        self.assertFalse(Problem(workload(causal=True)).square_causal)
        self.assertEqual(Problem(workload(causal=True)).mask().shape, (1, 1, 40, 72))
        with self.assertRaisesRegex(Unsupported, "a mask of 16384 x 16384"):
            Problem(workload(batch=1, causal=True, window=128, q_rows=16384, kv_rows=16384,
                             q_heads=1, kv_heads=1, dim=1)).mask()

    def test_bottom_right(self):
        self.assertEqual(bottom_right(2, 4).astype(int).tolist(), [[1, 1, 1, 0], [1, 1, 1, 1]])
        self.assertEqual(bottom_right(2, 4, 2).astype(int).tolist(), [[0, 1, 1, 0], [0, 0, 1, 1]])


def dense(problem):
    """Attention as the formula has it, all scores at once."""
    q, k, v = (x.astype(float) for x in problem.arrays)
    k, v = (np.repeat(x, q.shape[1] // k.shape[1], axis=1) for x in (k, v))
    scores = q @ k.swapaxes(2, 3) / np.sqrt(q.shape[3])
    mask = bottom_right(*scores.shape[2:], problem.window) if problem.causal else problem.mask()
    if mask is not None:
        scores = np.where(mask, scores, -np.inf) if mask.dtype == bool else (
            scores + mask.astype(float))
    weights = np.exp(scores - scores.max(axis=3, keepdims=True))
    return (weights / weights.sum(axis=3, keepdims=True) @ v).astype(problem.type)


def medians_of(*runs):
    return {"cpu": "Some CPU", "runs": [
        {"date": f"2026-01-0{i + 1}", "type": "f32", "heed": "abc1234", "isa": "avx2",
         "libraries": {"pytorch": "2.1+cu1", "openvino": "7.4-x", "onnxruntime": "1.0"},
         "seconds": seconds} for i, seconds in enumerate(runs)]}


class Tables(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def run_command(self, *arguments):
        words = io.StringIO()
        with mock.patch.object(sys, "argv", ["peers_table", *map(str, arguments)]), \
                contextlib.redirect_stderr(words):
            try:
                peers_table.main()
            except SystemExit as end:
                return words.getvalue() + str(end)
        return ""

    def test_medians_and_who_is_ahead(self):
        lines = peers_table.table(medians_of(
            {"a": {"heed": 2e-3, "pytorch": 1e-3, "openvino": 3e-3}, "b": {"heed": 1.2345e-6}},
            {"a": {"heed": 4e-3, "pytorch": 3e-3, "openvino": 9e-3}},
            {"a": {"heed": 3e-3, "pytorch": 6e-3, "openvino": 2e-3}}), "f32")
        self.assertIn("Some CPU, f32, `avx2`, heed at abc1234, 3 runs, 2026-01-01 to 2026-01-03",
                      lines[0])
        self.assertEqual(lines[2:], [
            "| workload | heed | PyTorch 2.1 | OpenVINO 7.4 | best of them / heed |",
            "| --- | --: | --: | --: | --: |",
            "| a | 3.00 | 3.00 | 3.00 | **0.67** (0.50 to 0.75) |",
            "| b | 0.00123 | - | - | - |"])

    def test_pages(self):
        page, file = self.directory / "page.md", self.directory / "m.json"
        file.write_text(json.dumps(medians_of({"a": {"heed": 1.0, "pytorch": 1.5}})))
        page.write_text("before\n<!-- peers: m.json f32 -->\ntyped\n<!-- end of peers -->\nafter\n")
        self.assertIn("is not that of its file", self.run_command("--check", page))
        self.assertIn("typed", page.read_text())
        self.assertEqual(self.run_command(page), "")
        self.assertIn("| a | 1000 | 1500 | 1.50 |", page.read_text())
        self.assertTrue(page.read_text().startswith("before\n<!-- peers: m.json f32 -->\nSome CPU"))
        self.assertEqual(self.run_command("--check", page), "")
        page.write_text(page.read_text().replace("1.50", "1.60"))
        self.assertIn("is not that of its file", self.run_command("--check", page))
        for text, words in (("<!-- peers: m.json bf16 -->\n<!-- end of peers -->", "no run of bf16"),
                            ("<!-- peers: n.json f32 -->\n<!-- end of peers -->", "no such file"),
                            ("nothing", "no table of peers")):
            page.write_text(text)
            self.assertIn(words, self.run_command(page))

    def test_runs_are_kept(self):
        path, heed = self.directory / "new" / "m.json", types.SimpleNamespace(isa=lambda: "avx2")
        for seconds in (1.23456, 2.0):
            run = peer_medians.Run("f32", heed, {"pytorch": "2"})
            medians = peer_medians.load(path)
            for name in ("a", "b"):
                run.add(name, {"heed": seconds})
                peer_medians.save(medians, run, path)
        runs = peer_medians.load(path)["runs"]
        self.assertEqual([run["seconds"] for run in runs],
                         [{"a": {"heed": 1.235}, "b": {"heed": 1.235}},
                          {"a": {"heed": 2.0}, "b": {"heed": 2.0}}])
        self.assertIn('    "a": {"heed": 1.235},\n', path.read_text())
        for text in ("", "[]", '{"cpu": "x"}', '{"cpu": "x", "runs": [{}]}'):
            path.write_text(text)
            with self.assertRaises(peer_medians.BadMedians):
                peer_medians.load(path)


if __name__ == "__main__":
    sys.exit(unittest.main())
