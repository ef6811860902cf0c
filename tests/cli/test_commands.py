# SPDX-License-Identifier: MIT
"""test_commands - `heed info`, `heed check`, help and version."""
import json
import re
import unittest

from command import heed, output, supported_isas


class Info(unittest.TestCase):
    def test_json(self):
        info = json.loads(output("info", "--json"))
        self.assertEqual(set(info), {"version", "brand", "clusters", "l1d_size", "l2_size",
                                     "l3_size", "isas"})
        for isa in info["isas"]:
            self.assertTrue(isa["compiled"] or not isa["supported"], isa)
        native = [isa for isa in info["isas"] if isa["supported"] and not isa["emulated"]]
        # Best first: the default is the first that runs here.
        self.assertEqual([isa["name"] for isa in info["isas"] if isa["default"]],
                         [native[0]["name"]])
        compiled = [isa["name"] for isa in info["isas"] if isa["compiled"]]
        self.assertEqual(compiled[-1], "scalar")

    def test_units_multiply_what_pays(self):
        for isa in json.loads(output("info", "--json"))["isas"]:
            taken = {(unit["q"], unit["kv"]): unit for unit in isa["unit"]}
            # One product of bf16, and of what is exact in it, if there is any unit at all.
            for kv in ("bf16", "i8", "f8") if taken else ():
                self.assertEqual(taken["bf16", kv]["products"], [1, 1], isa["name"])
            for unit in taken.values():
                self.assertLessEqual(max(unit["products"] + unit["fast"]), 6, isa["name"])

    def test_default_from_the_environment(self):
        info = json.loads(output("info", "--json", env={"HEED_ISA": "scalar"}))
        self.assertEqual([isa["name"] for isa in info["isas"] if isa["default"]], ["scalar"])

    def test_text_names_the_same(self):
        text = output("info")
        for isa in json.loads(output("info", "--json"))["isas"]:
            self.assertRegex(text, rf"\b{isa['name']}\b")


class Check(unittest.TestCase):
    def test_scalar(self):
        lines = output("check", "--isa", "scalar").splitlines()
        self.assertGreater(len(lines), 5)
        self.assertTrue(all(re.match(r"scalar  +\w.*  passed$", line) for line in lines[:-1]))
        self.assertEqual(lines[-1], f"{len(lines) - 1} passed, 0 failed")

    def test_all(self):
        lines = output("check", "--isa", "all").splitlines()
        ran = {line.split()[0] for line in lines if line.endswith("passed")}
        self.assertEqual(ran, set(supported_isas()))
        self.assertRegex(lines[-1], r"^\d+ passed, 0 failed$")


class Help(unittest.TestCase):
    def test_help(self):
        for command in ([], ["attend"], ["info"], ["check"]):
            text = output(*command, "--help")
            self.assertTrue(text.startswith("Usage: heed"), text)
            self.assertLessEqual(max(map(len, text.splitlines())), 80)

    def test_version(self):
        self.assertRegex(output("--version"), r"^heed \d+\.\d+\.\d+\n$")

    def test_nothing_asked(self):
        result = heed()
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertTrue(result.stderr.startswith("Usage: heed"))


if __name__ == "__main__":
    unittest.main()
