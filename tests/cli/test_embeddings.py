# SPDX-License-Identifier: MIT
"""test_embeddings - files of word vectors as people have them: read, or refused by what is wrong."""
import pathlib
import struct
import tempfile
import unicodedata
import unittest

from command import attend, heed

NFC = unicodedata.normalize("NFC", "caf\u00e9")
NFD = unicodedata.normalize("NFD", NFC)


def single(x):
    """The nearest number of single precision."""
    return struct.unpack("f", struct.pack("f", x))[0]


class Embeddings(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "vectors.txt"

    def write(self, content):
        self.path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(self.path)

    def assert_read(self, content, **vectors):
        """Each word has the vector given."""
        got = attend("--embeddings", self.write(content), " ".join(vectors))["embeddings"]
        self.assertEqual([[single(x) for x in row] for row in got],
                         [[single(x) for x in row] for row in vectors.values()])

    def assert_refused(self, content, *says, sentence="a", never=()):
        result = heed("attend", "--embeddings", self.write(content), sentence)
        self.assertEqual((result.returncode, result.stdout), (2, ""), result)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for text in says:
            self.assertIn(text, result.stderr)
        for text in never:
            self.assertNotIn(text, result.stderr)


class Unicode(Embeddings):
    """Words that look alike."""

    def test_accents_in_two_ways(self):
        for there, here in ((NFC, NFD), (NFD, NFC), ("\uac00", "\u1100\u1161"),
                            ("\u1ec7", "\u00ea\u0323"), ("\u304c", "\u304b\u3099")):
            with self.subTest(there=ascii(there)):
                self.assert_refused(f"{there} 1\nb 2\n", "one of both is NFC, the other NFD",
                                    sentence=here)
        self.assert_refused(f"{NFD} 1\n", "cafe<U+0301>", sentence=NFC)
        self.assert_read(f"{NFD} 1\n{NFC} 2\n", **{NFC: [2], NFD: [1]})
        self.assert_refused("cafe 1\n", "(near: cafe)", sentence=NFC, never=["NFD"])

    def test_characters_that_are_not_seen(self):
        self.assert_refused("b 1\n\ufeffa 2\n", '"a"', "<U+FEFF>a")
        self.assert_refused("bi\u00adg 1\n", "bi<U+00AD>g", sentence="big")
        self.assert_refused("b 1\n", '"x<U+200B>y"', sentence="x\u200by")

    def test_sentences_that_were_copied(self):
        got = attend("--embeddings", self.write("a 1\nb 2\n"),
                     "\ufeffa\u00a0b\u200b \u3000\u300ca\uff01\u300d\u3000b\u3002")
        self.assertEqual(got["tokens"], ["a", "b", "a", "b"])

    def test_bytes_that_are_no_text(self):
        self.assert_read(b"\xe9t\xe9 1\na 2\n", a=[2])
        result = heed("attend", "--embeddings", self.write(b"\xe9\x9b1m 1\n"), "a", text=False)
        self.assertIn(b"its 1 words: ??1m", result.stderr)


if __name__ == "__main__":
    unittest.main()
