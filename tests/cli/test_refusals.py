# SPDX-License-Identifier: MIT
"""test_refusals - bad input: one line that says what is wrong, exit 2, nothing left behind."""
import os
import pathlib
import resource
import signal
import tempfile
import unittest

from command import heed

SIZES = "Wq\n1\n1\n1\nWk\n1\n1\n1\nWv\n1\n1\n"


class Refusals(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def refused(self, *arguments, says, **options):
        result = heed(*arguments, **options)
        self.assertEqual(result.returncode, 2, result)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("heed: "), result.stderr)
        for word in says if isinstance(says, tuple) else (says,):
            self.assertIn(word, result.stderr)

    def file(self, content):
        path = self.folder / "input.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def test_commands_and_options(self):
        self.refused("atend", says='"atend"')
        for command in ("attend", "info", "check"):
            self.refused(command, "--no-such-option", says="no-such-option")
            self.refused(command, "one", "two", says=('"', "two" if command == "attend" else "one"))
        self.refused("attend", "--normalize", "max", says=("softmax", '"max"'))
        for scale, why in (("0", "0 or too large"), ("1e-99", "0 or too large"),
                           ("1e99", "too large"), ("nan", "finite"), ("inf", "finite"),
                           ("1x", "not a number"), ("0,5", "decimal comma"),
                           (" 1", "not a number"), ("", "not a number")):
            self.refused("attend", "--scale", scale, says=("--scale", f'"{scale}"', why))

    def test_isa(self):
        for command in ("attend", "check"):
            self.refused(command, "--isa", "mmx", says=('"mmx"', "scalar"))
        self.refused("attend", says="HEED_ISA=mmx", env={"HEED_ISA": "mmx"})

    def test_sentences(self):
        for sentence in ("", "  \t\n", " ?! ... "):
            self.refused("attend", sentence, says="no words")
        self.refused("attend", "it " * 257, says="256")
        self.refused("attend", "--query", "small", says=('"small"', "Dream big"))

    def test_unknown_words(self):
        self.refused("attend", "Dream bgi and wrok",
                     says=('"bgi" (near: big)', '"wrok" (near: work)',
                           "Dream, big, and, work, for, it"))
        long = "x" * 1000
        self.refused("attend", "--embeddings", self.file(f"{long} 1\nb 2\n"), "a",
                     says="words: ...\n")
        self.refused("attend", "a\033[31m\nb", says=('"a?[31m"', '"b"'))

    def test_embeddings(self):
        for content, says in (
                ("a 1 2\nb 3\n", (":2:", "found 1, expected 2")),
                ("a 1 2\nb 3 4 5\n", (":2:", "found 3, expected 2")),
                ("a 1 2\nb 3 x\n", (":2:", '"x"')),
                ("a 1 0x2\n", (":1:", '"0x2"')),
                ("a 1 nan\n", (":1:", '"nan"')),
                ("a 1 1e99\n", (":1:", "too large")),
                ("a\n", (":1:", "no numbers")),
                ("3 2\na 1 2 3\n", (":2:", "found 3, expected 2")),
                ("a 1 2\nb 3\0 4\n", (":2:", "zero byte")),
                ("a " + "1 " * 600_000, (":1:", "1048576 bytes")),
                ("", "no words"),
                ("\n\n", "no words")):
            with self.subTest(content=content[:40]):
                self.refused("attend", "--embeddings", self.file(content), "a", says=says)
        self.refused("attend", "--embeddings", "/no/such", "a", says=("/no/such", "No such file"))
        self.refused("attend", "--embeddings", str(self.folder), "a", says="directory")

    def test_weights(self):
        for content, says in (
                ("1 2\n", (":1:", "must come first")),
                ("Wq\nx 1\n", (":2:", '"x"', "neither")),
                ("Wq\n1 x\n", (":2:", '"x" is not a number')),
                ("Wq\n1 nan\n", (":2:", '"nan" is not a finite number')),
                ("Wq\n1 0,5\n", (":2:", '"0,5"', "comma has to be a point")),
                (b"PK\x03\x04", ("zip", "unpack")),
                ("Wq\n1 2\n3\n", (":3:", "found 1, expected 2")),
                ("Wq\n1\n1\n1\n1\n", (":5:", "Wq", "more rows")),
                ("Wq\n1\nWk\n1\nWq\n", (":5:", "second time")),
                ("Wq\n1e99\n", (":2:", '"1e99"', "too large")),
                (SIZES, ("Wv has 2 rows", "3 dimensions")),
                (SIZES.replace("Wk\n1\n1\n1", "Wk\n1 2\n1 2\n1 2") + "1\n", "Wk 2"),
                ("", "Wq has 0 rows")):
            with self.subTest(content=content[:40]):
                self.refused("attend", "--weights", self.file(content), says=says)
        self.refused("attend", "--weights", "/no/such", says="No such file")
        self.refused("attend", "--weights", "example", "--embeddings", self.file("a 1 2\n"), "a",
                     says="3 dimensions")

    def test_standard_output(self):
        for command in (["attend"], ["attend", "--json"], ["info"], ["check"], ["--help"]):
            with open("/dev/full", "w", encoding="ascii") as full:
                self.refused(*command, says="standard output", capture_output=False, stdout=full,
                             stderr=-1)

    def test_page_without_a_place(self):
        self.refused("attend", "--html", str(self.folder / "none/page.html"), says="No such file")
        self.refused("attend", "--html", str(self.folder), says="directory")
        self.refused("attend", "--html", "/dev/full", says="No space left")

    def test_page_that_does_not_fit(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

        (self.folder / "page.html").write_text("before", encoding="ascii")
        self.refused("attend", "--html", str(self.folder / "page.html"), says="too large",
                     preexec_fn=limit)
        self.assertEqual(os.listdir(self.folder), ["page.html"])
        self.assertEqual((self.folder / "page.html").read_text(encoding="ascii"), "before")

    def test_no_page_for_bad_input(self):
        self.refused("attend", "--html", str(self.folder / "page.html"), "unknown", says="unknown")
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main()
