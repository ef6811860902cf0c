# SPDX-License-Identifier: MIT
"""test_page - the page: well formed, whole, anonymous, and its results can be taken out again."""
import html.parser
import json
import re
import unittest

from reporting import Case, report, require_packages
from synthetic import synthetic

VOID = {"meta", "input", "br"}


class Reader(html.parser.HTMLParser):
    """Fails on tags that do not match; collects what the tests ask about."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.described = [], [], [], [], []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append((tag, attrs))
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs[name] for name in ("href", "xlink:href", "src") if name in attrs]

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.open)

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("script", "style"):
            self.text += data


def hostile():
    """A result whose words try to become tags, and whose options name people and computers."""
    result = synthetic()
    result["machine"]["brand"] = "</script><b>&amp; Brand"
    result["quality"]["reasons"].append("a line separator, \u2028, an end of lines in old JavaScript")
    result["options"] = ["--report", "/srv/alice/secret-host/out", "C:\\Users\\alice\\x",
                         "~/alice smith/y"]
    result["library"]["flags"] = "-O3 -I/srv/alice/include -fprefix=/srv/alice/a=b"
    result["hostname"] = result["machine"]["hostname"] = "secret-host"
    result["cases"][0]["workload"] = "<!-- <script>"
    return result


class Page(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.place = cls.folder
        cls.page = cls.place / "page.html"
        done = report(cls.write(cls.place, hostile()), "-o", cls.page)
        assert (done.returncode, done.stderr) == (0, ""), done
        cls.text = cls.page.read_text(encoding="utf-8")
        cls.reader = Reader(cls.text)

    def test_loads_nothing(self):
        self.assertTrue(all(link.startswith("#") for link in self.reader.links), self.reader.links)
        self.assertIsNone(re.search(r"url\((?!#)|@import|https?:", self.text))
        self.assertFalse({tag for tag, _ in self.reader.tags}
                         & {"link", "img", "iframe", "object", "base"})

    def test_ids(self):
        self.assertEqual(len(self.reader.ids), len(set(self.reader.ids)))
        for link in self.reader.links:
            self.assertIn(link[1:], self.reader.ids)
        for target in re.findall(r"url\(#([^)]*)\)", self.text):
            self.assertIn(target, self.reader.ids)

    def test_accessible(self):
        self.assertIn(("html", {"lang": "en"}), self.reader.tags)
        pictures = [attrs for tag, attrs in self.reader.tags if tag == "svg"]
        self.assertEqual(len(pictures), 13)
        for attrs in pictures:
            self.assertEqual(attrs["role"], "img")
            for name in attrs["aria-labelledby"].split():
                self.assertRegex(self.text, f'<(title|desc) id="{name}">[^<]')
        scopes = [attrs.get("scope") for tag, attrs in self.reader.tags if tag == "th"]
        self.assertTrue(scopes and None not in scopes)

    def test_no_names(self):
        for word in ("alice", "secret-host"):
            self.assertFalse(word in self.text, word)  # not assertNotIn, which prints the page
        self.assertIn("--report out", self.reader.text)
        self.assertIn("-O3 -Iinclude -fprefix=a=b", self.reader.text)

    def test_light_and_dark(self):
        self.assertIn("prefers-color-scheme: dark", self.text)
        self.assertIn("@media print", self.text)
        for svg in re.findall(r"<svg.*?</svg>", self.text, re.S):
            # Every colour is one of the page's; black is what matplotlib makes of clip paths.
            self.assertFalse(set(re.findall(r"#[0-9a-f]{6}\b", svg)))
            self.assertIn("var(--", svg)

    def test_content(self):
        result = hostile()
        text = self.reader.text
        self.assertIn(result["machine"]["brand"], text)
        self.assertIn("grade B", text)
        self.assertIn("4 x batch x q_heads", text)
        self.assertIn("sudo cpupower frequency-set -g performance", text)
        self.assertIn("this CPU lacks avx512", text)
        self.assertIn("32 KiB", text)
        self.assertIn("on huge pages, aligned", text)
        best = next(c for c in result["cases"] if c["id"] == "attention/f32/chunk/avx2/t1")
        self.assertIn(f"{best['rate'] / 1e9:.1f} GFLOP/s", text)
        rows = sum(tag == "tr" for tag, _ in self.reader.tags)
        self.assertGreater(rows, len(result["cases"]) + len(result["ceilings"]))

    def test_read_back(self):
        self.accepted("--from-html", self.page, "--json", self.folder, "-o", self.folder / "2.html")
        self.assertEqual((self.folder / "2.html").read_text(encoding="utf-8"), self.text)
        again = json.loads((self.folder / "result.json").read_text(encoding="utf-8"))
        self.assertEqual(again["cases"], hostile()["cases"])
        self.assertEqual(again["machine"]["brand"], hostile()["machine"]["brand"])


class Pages(Case):
    def page(self, *arguments):
        self.accepted(*arguments, "-o", self.folder / "page.html")
        text = (self.folder / "page.html").read_text(encoding="utf-8")
        return text, Reader(text)

    def test_several(self):
        text, reader = self.page(self.result("a.json"), self.result("b.json", machine="wide"),
                                 "--title", "Two <machines>")
        self.assertEqual(len(reader.ids), len(set(reader.ids)))
        self.assertIn("Two <machines>", reader.text)
        self.assertIn("Is the machine faster?", reader.text)
        self.assertIn("Or is the library better on it?", reader.text)
        self.accepted("--from-html", self.folder / "page.html", "--json", self.folder / "out")
        self.assertEqual(sorted(path.name for path in (self.folder / "out").iterdir()),
                         ["result-1.json", "result-2.json"])

    def test_core_kinds(self):
        """Big and little cores of one result stand side by side, as machines do."""
        result = synthetic()
        result["cases"] = [case for case in result["cases"]
                           if case["operation"] == "attention" and case["dtype"] == "f32"]
        for part in ("ceilings", "cases"):
            little = json.loads(json.dumps(result[part]))
            for item in little:
                item["core_kind"] = "c0"
                for member in ("id", "ceiling_id", "repeat_of"):
                    if item.get(member):
                        item[member] += "/c0"
            for item in result[part]:
                item["core_kind"] = "c1"
            result[part] = little + result[part]
        result["core_kinds"] = [
            {"name": name, "cpu": cpu, "cpus": 4, "capacity": capacity, "max_hertz": 2e9,
             "midr": midr} for name, cpu, capacity, midr in
            (("c0", 0, 446, "0x410fd034"), ("c1", 4, 1024, "0x410fd082"))]
        text, reader = self.page(self.write(self.folder, result))
        self.assertIn("Is the machine faster?", reader.text)
        for words in ("core 0, capacity 446", "core 4, capacity 1024", "MIDR 0x410fd082"):
            self.assertIn(words, reader.text)
        self.accepted("--from-html", self.folder / "page.html", "--csv", self.folder / "a.csv")
        self.accepted(self.folder / "result.json", "--csv", self.folder / "b.csv")
        self.assertEqual((self.folder / "a.csv").read_bytes(), (self.folder / "b.csv").read_bytes())
        result["cases"][-1]["core_kind"] = "c7"
        self.refused(self.write(self.folder, result), "--csv", "-", says=(".core_kind", '"c7"'))

    def test_matrix_unit(self):
        """Cases all in bf16 stand under its roof, everywhere; those with queries in f32 do not."""
        result = synthetic(machine="tiles")
        text, reader = self.page(self.write(self.folder, result))
        self.assertRegex(reader.text, r"With amx, attention that is all in bf16 reaches \d+ %")
        self.assertIn("products of bf16", reader.text)
        roof = next(c["median"] for c in result["ceilings"] if c["what"] == "matrix")
        words = f"amx: {roof / 1e9:.0f} GFLOP/s"
        self.assertIn("avx512, amx: 200 GFLOP/s", text)  # lines that coincide share a name's place
        drawn = {name: svg for name, svg in re.findall(
            r'<svg[^>]*aria-labelledby="r1-roofline-(\S+)-title.*?(<desc.*?)</svg>', text, re.S)}
        self.assertEqual([dtype for dtype, svg in drawn.items() if words in svg], ["bf16-qkv"])

    def test_emulated(self):
        result = synthetic()
        result["machine"]["emulation"] = "qemu"
        text, reader = self.page(self.write(self.folder, result))
        self.assertNotIn("<svg", text)
        self.assertIn("under emulation (qemu)", reader.text)
        self.assertIsNone(re.search(r"\d (ms|GFLOP/s|GB/s)\b", reader.text))

    def test_little(self):
        """Interrupted at once, or as early as after one case."""
        for cases in (0, 1):
            result = synthetic()
            result.update(complete=False, cases=result["cases"][:cases], skipped=[])
            with self.subTest(cases=cases):
                self.assertIn("Incomplete", self.page(self.write(self.folder, result))[1].text)

    def test_odd_but_valid(self):
        """All rounds disturbed, words of mathematics, no work, no rows, numbers that are not."""
        result = synthetic()
        result["cases"][0]["flop"] = result["cases"][1]["bytes"] = 0
        next(c for c in result["cases"] if c["operation"] == "sweep_rows")["shape"]["q_rows"] = 0
        result["cases"][2]["workload"], result["cases"][3]["workload"] = "$\\frac{1}$", "\u00b2"
        for case in result["cases"]:
            case["kept"] = 0
            for one in case["rounds"]:
                one["marks"] = ["switch"]
        self.assertIn("0/11", self.page(self.write(self.folder, result))[1].text)


if __name__ == "__main__":
    require_packages()
    unittest.main()
