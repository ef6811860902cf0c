# SPDX-License-Identifier: MIT
"""test_page - the page of `heed attend --html`, and colours on a terminal."""
import html.parser
import os
import pathlib
import pty
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from command import COMMAND, attend, heed, output

VOID = {"meta", "br"}


class Reader(html.parser.HTMLParser):
    """Fails on tags that do not match; collects the text and the names of the tags."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, (tag, self.open)

    def handle_startendtag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.text.append(data.strip())


class Page(unittest.TestCase):
    def page(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "page.html"
            result = heed("attend", "--html", str(path), *arguments)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertEqual(os.listdir(folder), ["page.html"])
            text = path.read_text(encoding="utf-8")
        reader = Reader()
        reader.feed(text)
        reader.close()
        self.assertEqual(reader.open, [])
        return text, reader

    def test_numbers(self):
        for arguments in ([], ["--weights", "example"], ["--query", "big"], ["--causal"],
                          ["--normalize", "sum"]):
            _, reader = self.page(*arguments)
            got = attend(*arguments)
            for name in ("scores", "weights", "context"):
                for row in got[name]:
                    for x in row:
                        self.assertIn(f"{x:.4f}", reader.text)

    def test_self_contained(self):
        text, reader = self.page()
        self.assertNotIn("script", reader.tags)
        self.assertNotIn("link", reader.tags)
        self.assertIsNone(re.search(r"https?:|src=|url\(|@import", text))
        self.assertIn("prefers-color-scheme: dark", text)
        self.assertIn("@media print", text)

    def test_picture(self):
        for arguments, words, contexts in (([], 6, 6), (["--query", "it"], 6, 1)):
            text, _ = self.page(*arguments)
            svg = xml.etree.ElementTree.fromstring(re.search(r"<svg.*</svg>", text, re.S)[0])
            # One dot and one diamond more: the legend.
            self.assertEqual(len(svg.findall("circle")), words + 1)
            self.assertEqual(len(svg.findall("path")), contexts + 1)
            width, height = map(float, svg.get("viewBox").split()[2:])
            for dot in svg.findall("circle"):
                self.assertTrue(0 < float(dot.get("cx")) < width)
                self.assertTrue(0 < float(dot.get("cy")) < height)

    def test_any_number_of_dimensions(self):
        for dim in (1, 2, 3, 4, 50):
            with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
                file.write(f"a{' 0' * dim}\nb{' -1e30' * dim}\n<b>&\"{' 1e-30' * dim}\n")
                file.flush()
                text, reader = self.page("--embeddings", file.name, 'a b "<b>&"" ')
            self.assertIsNone(re.search(r"nan|inf\b", text))
            self.assertIn("<b>&", "".join(reader.text))


class Terminal(unittest.TestCase):
    def shown(self, **environment):
        """What the command writes to a terminal."""
        main, side = pty.openpty()
        with subprocess.Popen([*COMMAND, "attend"], stdout=side,
                              env={"TERM": "xterm", **environment}) as process:
            os.close(side)
            text = b""
            try:
                while chunk := os.read(main, 4096):
                    text += chunk
            except OSError:  # how Linux says that the other side is closed
                pass
        os.close(main)
        self.assertEqual(process.returncode, 0)
        return text.decode()

    def test_colours(self):
        self.assertIn("\033[48;5;", self.shown())
        self.assertNotIn("\033", self.shown(NO_COLOR="1"))
        self.assertNotIn("\033", self.shown(TERM="dumb"))

    def test_lines_fit(self):
        text = output("attend", "it " * 40)
        self.assertLessEqual(max(map(len, text.splitlines()[1:])), 80)


if __name__ == "__main__":
    unittest.main()
