# SPDX-License-Identifier: MIT
"""test_attend - the numbers of `heed attend` against the published and the double figures."""
import itertools
import pathlib
import tempfile
import unittest

from command import EXAMPLE, attend, output, supported_isas


def flat(matrix):
    return list(itertools.chain.from_iterable(matrix))


class Figures(unittest.TestCase):
    def assert_near(self, got, want, relative=0.0, absolute=0.0):
        self.assertEqual([len(row) for row in got], [len(row) for row in want])
        for g, w in zip(flat(got), flat(want)):
            self.assertLessEqual(abs(g - w), absolute + relative * abs(w), (g, w))

    def assert_published(self, got, want):
        self.assert_near(got, want, absolute=1.5e-4)  # printed to 4 decimals, as were the inputs

    def assert_double(self, got, want):
        # All terms are positive, so errors stay relative: 6e-8 for each rounding, and a number
        # goes through fewer than 16 of them.
        self.assert_near(got, want, relative=1e-6)

    def check(self, got, figures, weights, context):
        published, double = figures.get("published", {}), figures["float64"]
        for name, key in (("scores", "scores"), ("weights", weights), ("context", context)):
            self.assert_double(got[name], double[key])
            if key in published:
                self.assert_published(got[name], published[key])


class Example(Figures):
    """The example sentence on every instruction set."""

    def test_embeddings_as_they_are(self):
        for isa in supported_isas():
            with self.subTest(isa=isa):
                got = attend("--isa", isa)
                self.assertEqual((got["sentence"], got["tokens"], got["dim"], got["isa"]),
                                 (EXAMPLE["sentence"], EXAMPLE["tokens"], 3, isa))
                self.assertEqual((got["scale"], got["normalization"]), (1, "softmax"))
                self.assert_double(got["embeddings"], EXAMPLE["embeddings"])
                self.check(got, EXAMPLE["unweighted"], "softmax_weights", "context")
                self.assert_double(got["fused_context"],
                                   EXAMPLE["unweighted"]["float64"]["context"])

    def test_sum(self):
        for isa in supported_isas():
            with self.subTest(isa=isa):
                got = attend("--isa", isa, "--normalize", "sum")
                self.assertEqual(got["normalization"], "sum")
                self.assertNotIn("fused_context", got)
                self.check(got, EXAMPLE["unweighted"], "vanilla_weights", "vanilla_context")

    def test_projected(self):
        figures = EXAMPLE["weighted"]
        for isa in supported_isas():
            with self.subTest(isa=isa):
                got = attend("--isa", isa, "--weights", "example")
                self.assert_double([[got["scale"]]], [[2**-0.5]])
                self.check(got, figures, "softmax_weights", "context")
                self.assert_double(got["fused_context"], figures["float64"]["context"])
                for name in ("query", "key", "value"):
                    self.assert_double(got[name], figures["float64"][name])
                    self.assert_published(got[name], figures["published"][name])


class Options(Figures):
    def test_query_shows_its_rows_only(self):
        every, one = attend(), attend("--query", "BIG")
        self.assertEqual(one["queries"], ["big"])
        for name in ("scores", "weights", "context", "fused_context"):
            self.assertEqual(one[name], every[name][1:2])
        self.assertEqual(one["embeddings"], every["embeddings"])

    def test_query_that_comes_twice(self):
        got = attend("--query", "it", "it and it")
        self.assertEqual(got["queries"], ["it", "it"])
        self.assertEqual(got["context"][0], got["context"][1])

    def test_causal(self):
        plain = attend()
        for normalize in ("softmax", "sum"):
            got = attend("--causal", "--normalize", normalize)
            self.assertTrue(got["causal"])
            self.assertEqual(got["scores"], plain["scores"])
            self.assertEqual(got["weights"][0], [1, 0, 0, 0, 0, 0])
            self.assertEqual(got["context"][0], got["embeddings"][0])
            for i, row in enumerate(got["weights"]):
                self.assertEqual(row[i + 1:], [0] * (5 - i))
                self.assertAlmostEqual(sum(row), 1, delta=6 * 2**-24)  # six roundings at most
        self.assert_near(attend("--causal")["fused_context"], attend("--causal")["context"],
                         relative=1e-6)

    def test_scale(self):
        got = attend("--scale", "1e-6")
        # Scores below 1.3e-6: each weight is 1/6 within as much.
        self.assert_near(got["weights"], [[1 / 6] * 6] * 6, relative=2.6e-6)
        self.assertEqual(got["scores"], attend()["scores"])

    def test_isa_from_the_environment(self):
        got = attend(env={"HEED_ISA": "scalar"})
        self.assertEqual(got["isa"], "scalar")

    def test_text_shows_the_same_numbers(self):
        text = output("attend", "--query", "big")
        for row in (EXAMPLE["unweighted"]["published"]["softmax_weights"][1],
                    EXAMPLE["unweighted"]["published"]["context"][1]):
            self.assertIn("".join(f"{x:8.4f}" for x in row), text)
        self.assertNotIn("\033", text)  # not a terminal: no colours


class Readers(Figures):
    """Embeddings and weights from files."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, content):
        path = pathlib.Path(self.folder.name) / "file.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def vectors(self, content, sentence):
        return attend("--embeddings", self.file(content), sentence)["embeddings"]

    def test_glove(self):
        self.assertEqual(self.vectors("a 1 -2.5e-1\nb 3 +.5\nc 5 6.\n", "c a"), [[5, 6], [1, -.25]])

    def test_word2vec_header_blanks_and_line_ends(self):
        self.assertEqual(self.vectors("2 2\r\na  1\t2 \r\n\r\nb 3 4", "b"), [[3, 4]])

    def test_word_with_blanks(self):
        self.assertEqual(self.vectors("a 3 4\n. . . 1 2\nto b@c.d 5 6\n", "a"), [[3, 4]])

    def test_exact_before_letter_case_before_nothing(self):
        self.assertEqual(self.vectors("IT 1\nit 2\nIt 3\nit 4\n", "It it iT"), [[3], [2], [1]])

    def test_punctuation_and_other_scripts(self):
        got = attend("--embeddings", self.file("straße 1\ndon't 2\n犬 3\n"),
                     "  «Straße», don't… (犬)! -- ")
        self.assertEqual(got["tokens"], ["Straße", "don't", "犬"])

    def test_line_across_buffers(self):
        filler = "".join(f"w{i} 1 2 3\n" for i in range(200_000))  # 2.7 MB: more than one buffer
        self.assertEqual(self.vectors(filler + "end 4 5 6", "end w0"), [[4, 5, 6], [1, 2, 3]])

    def test_weights_file(self):
        w = EXAMPLE["weighted"]
        text = "# any order\n" + "".join(
            f"{name}\n" + "".join(" ".join(map(str, row)) + "\n" for row in w[name])
            for name in ("Wv", "Wq", "Wk"))
        for written in (text, "\ufeff" + text, text.replace("\n", "\r\n"), text.replace("\n", "\r"),
                        text.replace("\n", " \t\n\n"), text.rstrip()):
            self.assertEqual(attend("--weights", self.file(written)),
                             attend("--weights", "example"))


if __name__ == "__main__":
    unittest.main()
