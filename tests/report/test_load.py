# SPDX-License-Identifier: MIT
"""test_load - results that make no sense: one line with file and field, no traceback."""
import json
import unittest

from reporting import Case, require_packages
from synthetic import synthetic


class Load(Case):
    def refused_text(self, text, says):
        path = self.write(self.folder, text)
        self.refused(path, "--csv", self.folder / "out.csv", says=(str(path), *says))
        self.assertFalse((self.folder / "out.csv").exists())

    def refused_after(self, edit, *says):
        result = synthetic()
        edit(result)
        self.refused_text(json.dumps(result), says)

    def test_no_result(self):
        for text, says in (
                ("", ("line 1 column 1", "not JSON")), ("[]", ("schema",)), ("{}", ("schema",)),
                ('{"schema": "other"}', ("schema",)), ("\0", ("not JSON",)),
                ("<html><p>no result</p></html>", ("a page without results",)),
                ("[" * 100_000, ("nested too deeply",)),
                ('{"schema": "heed-bench", "seed": ' + "1" * 5000 + "}", ("too many digits",))):
            with self.subTest(text=text[:30]):
                self.refused_text(text, says)

    def test_files(self):
        (self.folder / "bytes").write_bytes(b'{"schema": "\xff"}')
        for path, says in ((self.folder / "none.json", "No such file"), (self.folder, "directory"),
                           (self.folder / "bytes", "not UTF-8 at byte 12")):
            self.refused(path, "--csv", "-", says=(str(path), says))

    def test_truncated(self):
        text = json.dumps(synthetic())
        for length in (1, 100, len(text) // 3, len(text) - 1):
            with self.subTest(length=length):
                self.refused_text(text[:length], ("not JSON", "column"))

    def test_newer(self):
        self.refused_after(lambda r: r.update(schema_version=2, cases="another form"),
                           "schema_version: 2 is newer than 1")
        self.refused_after(lambda r: r.update(schema_version="1"), "schema_version", "a string")
        self.refused_after(lambda r: r.update(schema_version=0), "schema_version", "below 1")

    def test_missing(self):
        for names in (["suite_id"], ["quality"], ["quality", "grade"], ["cases"],
                      ["cases", 3, "id"], ["cases", 3, "rounds"],
                      ["cases", 3, "rounds", 2, "marks"], ["cases", 3, "shape", "dim"],
                      ["ceilings", 1, "what"]):
            def edit(result, names=names):
                for name in names[:-1]:
                    result = result[name]
                del result[names[-1]]
            path = "".join(f"[{n}]" if isinstance(n, int) else f".{n}" for n in names).lstrip(".")
            with self.subTest(path=path):
                self.refused_after(edit, f"{path}: missing")

    def test_nonsense(self):
        def set_case(**members):
            return lambda r: r["cases"][5].update(members)

        def set_round(**members):
            return lambda r: r["cases"][5]["rounds"][2].update(members)

        for edit, says in (
                (set_case(median_seconds="0.1"), ("cases[5].median_seconds", "a string")),
                (set_case(median_seconds=-1), ("cases[5].median_seconds", "-1 is not above 0")),
                (set_case(median_seconds=5), ("cases[5].high_seconds", "below median_seconds")),
                (set_case(median_seconds=5, high_seconds=6), ("[5].median_seconds", "outside")),
                (set_case(low_seconds=9), ("cases[5].median_seconds", "below low_seconds")),
                (set_case(kept=1e6), ("cases[5].kept", "of 11 rounds")),
                (set_case(kept=True), ("cases[5].kept", "a flag")),
                (set_case(threads=1.5), ("cases[5].threads", "whole")),
                (set_case(rate=float("nan")), ("cases[5].rate", "nan", "finite")),
                (set_case(rate=10**400), ("cases[5].rate", "finite")),
                (set_case(ceiling_id="none"), ("cases[5].ceiling_id", '"none"')),
                (set_case(repeat_of="none"), ("cases[5].repeat_of", '"none"')),
                (set_case(id=None), ("cases[5].id", "null")),
                (set_case(isa=None), ("cases[5].isa", "null")),
                (set_case(workload="x" * 41), ("cases[5].workload", "1 to 40 printable")),
                (set_case(workload="a\nb"), ("cases[5].workload", "1 to 40 printable")),
                (set_case(max_error=1e300), ("cases[5].max_error", "1e+300 is above 1e+39")),
                (set_case(rounds={}), ("cases[5].rounds", "a list", "an object")),
                (set_case(rate_of="calls"), ("cases[5].rate_of", '"calls"', "elements")),
                (set_round(seconds=0), ("cases[5].rounds[2].seconds", "not above 0")),
                (set_round(seconds=float("-inf")), ("cases[5].rounds[2].seconds", "finite")),
                (set_round(marks=[1]), ("cases[5].rounds[2].marks[0]", "a string", "a number")),
                (lambda r: r["cases"].append(r["cases"][0]), (f'cases[{240}].id', "twice")),
                (lambda r: r["ceilings"][0]["kept"].pop(), ("ceilings[0].kept", "10 flags")),
                (lambda r: r["quality"].update(grade="D"), ("quality.grade", '"D"', "A, B, C")),
                (lambda r: r.update(complete="yes"), ("complete", "true or false"))):
            with self.subTest(says=says):
                self.refused_after(edit, *says)

    def test_number_too_large_for_a_float(self):
        text = json.dumps(synthetic()).replace('"resolution": 0.012', '"resolution": 1e999')
        self.refused_text(text, ("quality.resolution", "finite"))

    def test_unknown_members_and_nulls(self):
        result = synthetic()
        result["later"] = {"hostname": "somewhere"}
        result["cases"][0]["later"] = 1
        result["machine"] = dict.fromkeys(result["machine"]) | {"clusters": None}
        del result["skipped"]
        self.accepted(self.write(self.folder, result), "--csv", "-")


if __name__ == "__main__":
    require_packages()
    unittest.main()
