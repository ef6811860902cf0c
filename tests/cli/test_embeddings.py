# SPDX-License-Identifier: MIT
"""test_embeddings - files of word vectors as people have them: read, or refused by name."""
import gzip
import os
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


class Words(Embeddings):
    """Where a word ends and its numbers begin."""

    def test_a_blank(self):
        for blank in (" ", "", "\t", "  ", "\u00a0", "\u3000", "\x85", "\u2028"):
            with self.subTest(blank=blank):
                self.assert_read(f"a 1 .5\n{blank} .25 4\nb 5 6\n", a=[1, .5], b=[5, 6])
                self.assert_read(f"2 2\n{blank} .25 4\nb 5 6\n", b=[5, 6])
                self.assert_read(f"{blank} .25 4\nb 5 6\n", b=[5, 6])

    def test_a_blank_among_the_numbers_of_others(self):
        self.assert_read("3 3\nof .5 1 2\n  .25 4 8\nto 1 2 3\n", of=[.5, 1, 2], to=[1, 2, 3])

    def test_ends_in_a_number(self):
        for word in ("iPhone 6", "10 000", "1 000 000", "Catch 22", "7"):
            for header in ("", "2 3\n"):
                with self.subTest(word=word, header=header):
                    self.assert_read(f"{header}{word} 0.5 0.25 1\nbig 1.5 2 3\n", big=[1.5, 2, 3])
                    self.assert_read(f"{header}big 1.5 2 3\n{word} 0.5 0.25 1\n", big=[1.5, 2, 3])

    def test_most_of_few_words_end_in_numbers(self):
        self.assert_read("iPhone 6 .5 .25\n10 000 .5 .25\nbig .75 1\n", big=[.75, 1])

    def test_a_header_says_where_the_numbers_begin(self):
        # 3.11 is written as the vector's numbers are; one line that agrees makes the header right.
        self.assert_read("2 2\nWindows 3.11 .5 .25\nbig 1 2\n", big=[1, 2])
        many = "".join(f"w{i} 1 2\n" for i in range(100))
        self.assert_read(f"Windows 3.11 .5 .25\nbig 1 2\n{many}", big=[1, 2], w7=[1, 2])

    def test_whole_numbers_alone(self):
        self.assert_read("a 1 2 3\nb 4 5 6\n7 7 8 9\n", a=[1, 2, 3], b=[4, 5, 6])

    def test_a_first_column_of_whole_numbers(self):
        lines = "".join(f"w{i} 0 .5 .25\n" for i in range(9))
        self.assert_read(lines + "a 7 .125 1\n", w0=[0, .5, .25], a=[7, .125, 1])
        self.assert_refused(lines + "a .125 1\n", ":10:", "found 2, expected 3")

    def test_no_numbers_but_those_behind_blanks(self):
        self.assert_read("  a 1 .5\n\tb 2 .25\n", a=[1, .5], b=[2, .25])

    def test_words_that_look_like_numbers_and_are_none(self):
        self.assert_read("nan 1 2\ninf 3 4\n1,5 5 6\n- 7 8\nNaN x 9 10\n0x10 11 12\n",
                         nan=[1, 2], inf=[3, 4])

    def test_blanks_within(self):
        self.assert_read("New York\t1\t2\nSan  Luis Obispo 3 4\nbig 5 6", big=[5, 6])

    def test_the_first_of_several(self):
        self.assert_read("a 1\nb 2\na 3\nA 4\n", a=[1], b=[2])
        self.assert_read("A 4\na 1\nb 2\na 3\n", a=[1], b=[2])


class Text(Embeddings):
    """How lines and numbers are written."""

    def test_byte_order_mark(self):
        for header in ("", "2 2\n", "\n", "2 2\r\n"):
            with self.subTest(header=header):
                self.assert_read(f"\ufeff{header}a 1 2\nb 3 4\n", a=[1, 2], b=[3, 4])

    def test_headers(self):
        for header in ("400000 2", "400000 2 ", " 400000  2", "400000\t2\r", "\n\n2 2", " \n2 2"):
            with self.subTest(header=header):
                self.assert_read(f"{header}\na 1 2\nb 3 4\n", a=[1, 2], b=[3, 4])

    def test_ends_of_lines(self):
        for end in ("\n", "\r\n", "\r", "\n\n", " \n", "\t \r\n", "\r\r\n"):
            for last in (end, ""):
                with self.subTest(end=end, last=last):
                    self.assert_read(f"2 2{end}a 1 2{end}b 3 4{last}", a=[1, 2], b=[3, 4])

    def test_blanks_between(self):
        self.assert_read("a  1 \t 2\t\nb\t3\t\t4  \n", a=[1, 2], b=[3, 4])

    def test_numbers(self):
        self.assert_read("a 1e-05 -1E+5 .5 5. +.25e1 00012 -0 1e-45\n",
                         a=[1e-05, -1e5, .5, 5, 2.5, 12, 0, 1e-45])
        self.assert_read("a 1e-99 0." + "0" * 500 + "1 1." + "0" * 500 + " 3.4e38\n",
                         a=[0, 0, 1, 3.4e38])

    def test_fasttext(self):
        self.assert_read("2 3\na 0.5 -0.25 1e-1 \nb 1 2 3 \n", b=[1, 2, 3])

    def test_whatever_the_locale(self):
        path = self.write("a 0.5 1e-1\nb 2 3\n")
        for locale in ("de_DE.UTF-8", "fr_FR", "tr_TR.UTF-8", "C", ""):
            got = attend("--embeddings", path, "a", env=os.environ | {"LC_ALL": locale})
            self.assertEqual(list(map(single, got["embeddings"][0])), [.5, single(.1)])

    def test_long_lines(self):
        numbers = " ".join(["0.5"] * 80_000)
        self.assert_read(f"a {numbers}\nb {numbers}\n", b=[.5] * 80_000)
        self.assert_refused(f"a {numbers}\nb {numbers * 4}\n", ":2:", "1048576 bytes")

    def test_a_pipe(self):
        read, write = os.pipe()
        os.write(write, b"\xef\xbb\xbf2 1\na 1\nb 2\n")
        os.close(write)
        got = attend("--embeddings", f"/dev/fd/{read}", "b a", pass_fds=[read])
        os.close(read)
        self.assertEqual(got["embeddings"], [[2], [1]])


class Refusals(Embeddings):
    """One line: where, what, and what would be right."""

    def test_number_of_numbers(self):
        self.assert_refused("a 1 2\nbig 3\n", ":2:", '"big"', "found 1, expected 2", "first lines")
        self.assert_refused("a 1 2\nbig 3 4 5\n", ":2:", '"big"', "found 3, expected 2",
                            "begin the file with a line of")
        self.assert_refused("2 2\na 1 2\nbig 3\n", ":3:", '"big"', "found 1, expected 2", "header")
        self.assert_refused("2 2\na 1 2 3\nb 4 5 6\n", ":2:", '"a"', "found 3, expected 2",
                            "header")
        self.assert_refused("2 2\na 1 2\n3 4\n", ":3:", '"3"', "found 1, expected 2")
        self.assert_refused("a .1 .2\nb .3 .4\nbig .5 .6 .7\n", ":3:", '"big"',
                            "found 3, expected 2")
        self.assert_refused("2 0\na 1\n", ":1:", "header", "0 numbers")
        self.assert_refused("a\nb\n", ":1:", "no numbers", '"a"')
        self.assert_refused("a,1,2\nb,3,4\n", ":1:", "no numbers", "blanks")

    def test_what_is_no_number(self):
        comma = "comma has to be a point"
        for field, why in (("nan", "finite"), ("-NaN", "finite"), ("inf", "finite"),
                           ("+Infinity", "finite"), ("0x1p3", "not a number"),
                           ("1e", "not a number"), ("0,25", comma), ("-1,5e-3", comma),
                           ("1.2.3", "not a number"), ("\u22121", "not a number"),
                           ("nano", "is not a number"), ("1,000.5", "is not a number")):
            for line in (f"b 1 {field} 2", f"b {field} 1 2", f"b 1 2 {field}"):
                for header in ("", "2 3\n"):
                    with self.subTest(line=line, header=header):
                        self.assert_refused(f"{header}a 1 2 3\n{line}\n",
                                            ":3:" if header else ":2:", f'"{field}"', why)
        self.assert_refused("a 0,1 0,2\nb 0,3 0,4\n", ":1:", '"0,2"', comma)
        self.assert_refused("a 1 1e39\n", ":1:", '"1e39"', "too large")

    def test_nothing_in_it(self):
        for content in ("", "\n", " \t\r\n \n", "\ufeff", "\ufeff\n"):
            self.assert_refused(content, "no words in it")
        self.assert_refused("3 2\n", "no words in it, but a header")

    def test_word2vec_binary(self):
        for numbers in ((.5, .25), (1e-3, 7.1), (-3.3, 2e9)):
            vectors = b"".join(word + b" " + struct.pack("2f", *numbers) + b"\n"
                               for word in (b"</s>", b"a", b"big"))
            self.assert_refused(b"3 2\n" + vectors, "word2vec's binary format",
                                "convert it to text")

    def test_files_that_are_no_text(self):
        text = "a 1 2\nb 3 4\n"
        for content, says in (
                (gzip.compress(text.encode()), ("gzip", "unpack")),
                (b"PK\x03\x04rest", ("zip", "unpack")),
                (text.encode("utf-16"), ("UTF-16", "UTF-8")),
                (text.encode("utf-32"), ("UTF-32", "UTF-8")),
                (b"\xfe\xff" + text.encode("utf-16-be"), ("UTF-16", "UTF-8")),
                (text.encode("utf-16-le"), (":1:", "zero byte")),
                (struct.pack("<ii", 793712314, 12), ("fastText", ".vec")),
                (b"\x93NUMPY\x01\0v\0{'descr'", ("NumPy",)),
                (b"\x80\x04\x95\x10\0", ("pickle",)),
                (b"a 1 2\nb 3\0 4\n", (":2:", "zero byte"))):
            with self.subTest(says=says):
                self.assert_refused(content, *says)
        # Words may begin as such files do.
        self.assert_read("BZh9 1\nPK 2\nGGUF 3\nPAR1 4\n7z 5\n", PK=[2], GGUF=[3], PAR1=[4])

    def test_fewer_words_than_the_header_says(self):
        self.assert_refused("400000 1\nb 2\n", '"a"', "its 1 words, fewer than its header says")
        self.assert_refused("1 1\nb 2\n", '"a"', never=["fewer"])


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
