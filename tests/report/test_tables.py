# SPDX-License-Identifier: MIT
"""test_tables - CSV, Markdown, JSON and pictures as files; and places that cannot be written."""
import csv
import io
import json
import os
import re
import unittest
import xml.etree.ElementTree

from reporting import Case, require_packages
from synthetic import synthetic


class Tables(Case):
    def rows(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.accepted(*arguments, "--csv", "-"))))

    def test_csv(self):
        result = synthetic()
        rows = self.rows(self.result())
        self.assertEqual([row["id"] for row in rows], [case["id"] for case in result["cases"]])
        for row, case in zip(rows, result["cases"]):
            self.assertEqual(row["machine"], "Synthetic 2-port core")
            self.assertEqual(int(row["rounds"]), 11)
            for name in ("median_seconds", "rate", "of_ceiling", "max_error", "flop"):
                self.assertEqual(float(row[name]) if row[name] else None, case[name])
        times = {case["id"]: case["median_seconds"] for case in result["cases"]}
        row = next(row for row in rows if row["id"] == "attention/f32/bert/avx2/t1")
        self.assertAlmostEqual(float(row["over_scalar"]), times["attention/f32/bert/scalar/t1"]
                               / times["attention/f32/bert/avx2/t1"])

    def test_names(self):
        a, b = self.result("host1.json"), self.result("host2.json", seed=2)
        self.assertEqual({row["machine"] for row in self.rows(a, b)},
                         {"Synthetic 2-port core (A)", "Synthetic 2-port core (B)"})
        self.assertEqual({row["machine"] for row in self.rows(a, b, "--name", "x", "--name", "y")},
                         {"x", "y"})
        self.refused(a, b, "--name", "x", "--csv", "-", says="--name: 1 names for 2 results")

    def test_markdown(self):
        result = synthetic()
        result["machine"]["brand"] = "A | B <i>"
        text = self.accepted(self.write(self.folder, result), "--markdown", "-")
        lines = [line for line in text.splitlines() if line.startswith("|")]
        self.assertEqual(len(lines), len(result["cases"]) + 2)
        self.assertEqual({line.count("|") for line in lines}, {13})
        self.assertIn("## A \\| B &lt;i>", text)
        bert = next(line for line in lines if line.startswith("| attention | bert | f32 | avx2 |"))
        case = next(c for c in result["cases"] if c["id"] == "attention/f32/bert/avx2/t1")
        self.assertIn(f"{case['median_seconds'] * 1e3:.1f} ms", bert)
        self.assertIn(f"{case['rate'] / 1e9:.1f} GFLOP/s", bert)
        self.assertIn(f"{100 * case['of_ceiling']:.0f} %", bert)

    def test_emulated_times_are_hidden(self):
        result = synthetic()
        result["machine"]["emulation"] = "qemu"
        path = self.write(self.folder, result)
        for row in self.rows(path):
            times = {row[name] for name in ("median_seconds", "rate", "over_scalar")}
            self.assertEqual(times, {""})
            self.assertTrue(row["max_error"])
        text = self.accepted(path, "--markdown", "-")
        self.assertIn("emulation (qemu)", text)
        self.assertIsNone(re.search(r"\d (ms|s|GFLOP/s|GB/s) \|", text))

    def test_json(self):
        path = self.result()
        self.accepted(path, "--json", self.folder / "out")
        again = json.loads((self.folder / "out/result.json").read_text(encoding="utf-8"))
        before = synthetic()
        self.assertEqual(again["cases"], before["cases"])
        self.assertEqual(again["ceilings"], before["ceilings"])

    def test_pictures(self):
        self.accepted(self.result(), "--svg", self.folder / "s", "--png", self.folder / "p")
        svgs = {path.stem for path in (self.folder / "s").iterdir()}
        self.assertEqual(svgs, {path.stem for path in (self.folder / "p").iterdir()})
        self.assertEqual(svgs, {
            "ladder-f32", "ladder-f16", "ladder-bf16",
            "roofline-f32", "roofline-f16", "roofline-bf16", "prefill", "rows", "errors",
            "threads", "strips-scalar", "strips-sse2", "strips-avx2"})
        for path in (self.folder / "s").iterdir():
            text = path.read_text(encoding="utf-8")
            self.assertNotIn("var(", text)
            title = xml.etree.ElementTree.fromstring(text).find("{http://www.w3.org/2000/svg}title")
            self.assertTrue(title.text)
        for path in (self.folder / "p").iterdir():
            self.assertEqual(path.read_bytes()[:8], b"\x89PNG\r\n\x1a\n")

    def test_places_are_tried_before_reading(self):
        none = self.folder / "none/page.html"
        for option in ("-o", "--csv", "--markdown"):
            self.refused("missing.json", option, none, says=(str(none), "No such file"))
            self.refused("missing.json", option, self.folder, says="directory")
        self.result("file")
        for option in ("--png", "--svg", "--json"):
            self.refused("missing.json", option, self.folder / "file/x", says="Not a directory")

    def test_full(self):
        self.refused(self.result(), "--csv", "/dev/full", says=("/dev/full", "No space left"))
        with open("/dev/full", "w", encoding="ascii") as full:
            self.refused(self.result(), "--csv", "-", says=("standard output", "No space left"),
                         capture_output=False, stdout=full, stderr=-1)

    def test_whole_or_not_at_all(self):
        path = self.result()
        (self.folder / "out.csv").write_text("before", encoding="ascii")
        self.refused(self.folder / "none.json", "--csv", self.folder / "out.csv",
                     says="No such file")
        self.assertEqual((self.folder / "out.csv").read_text(encoding="ascii"), "before")
        self.accepted(path, "--csv", self.folder / "out.csv")
        self.assertEqual(sorted(os.listdir(self.folder)), ["out.csv", "result.json"])

    def test_options(self):
        path = self.result()
        self.refused(path, says="nothing to write")
        self.refused("--csv", "-", says="no result given")
        self.refused(path, "--of-ceiling", "--csv", "-", says="--compare")
        self.refused(path, "--no-such-option", says="--no-such-option")


if __name__ == "__main__":
    require_packages()
    unittest.main()
