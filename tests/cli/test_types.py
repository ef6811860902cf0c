# SPDX-License-Identifier: MIT
"""test_types - `heed attend --type`: numbers of each type, and what comes of them."""
import itertools
import math
import struct
import unittest

from command import EXAMPLE, attend, heed, output, supported_isas

# Significant bits, the exponent of the smallest normal number, and the largest number.
FLOATS = {"f16": (11, -14, 65504.0), "bf16": (8, -126, 3.39e38), "f8": (4, -6, 448.0)}
MOST = {"i8": 127.0, "f8": 448.0}


def rounded(name, x):
    """The nearest number of a type, ties to even."""
    if name == "i8":
        return float(round(x))
    bits, least, _ = FLOATS[name]
    step = 2.0 ** (max(math.frexp(x)[1] - 1, least) - bits + 1)
    return round(x / step) * step


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def expected(name, row):
    """What a row of embeddings becomes as key or value."""
    row = [single(x) for x in row]
    if name == "f32":
        return row
    if name not in MOST:
        return [rounded(name, x) for x in row]
    scale = single(max(map(abs, row)) / MOST[name])  # rounded as the library does: 63.5 is a tie
    return [single(rounded(name, single(x / scale)) * scale) for x in row]


def softmax(scores):
    weights = [math.exp(s - max(scores)) for s in scores]
    return [w / sum(weights) for w in weights]


def context(got):
    """In double, from the numbers that the command shows."""
    keys, values = got["key"], got["value"]
    for query in got["query"]:
        weights = softmax([sum(a * b for a, b in zip(query, key)) for key in keys])
        yield [sum(w * v[d] for w, v in zip(weights, values)) for d in range(len(values[0]))]


class Types(unittest.TestCase):
    def assert_near(self, got, want, relative):
        got, want = list(itertools.chain(*got)), list(itertools.chain(*want))
        self.assertEqual(len(got), len(want))
        for g, w in zip(got, want):
            self.assertLessEqual(abs(g - w), relative * abs(w), (g, w))

    def check(self, isa, name):
        got = attend("--isa", isa, "--type", name)
        for part in ("query", "key", "value"):
            got[part] = [[single(x) for x in row] for row in got[part]]
        want = [expected(name, row) for row in EXAMPLE["embeddings"]]
        queries = [expected(name if name in ("f16", "bf16") else "f32", row)
                   for row in EXAMPLE["embeddings"]]
        self.assertEqual(got["type"], name)
        self.assertEqual(got["query"], queries)
        for part in ("key", "value"):
            self.assertEqual(got[part], want)
            self.assertNotEqual(got[part], got["embeddings"])
        # Fewer than 16 roundings to f32, all terms are positive; then one to the type.
        roundoff = 2.0 ** -FLOATS[name][0] if name not in MOST else 0
        self.assert_near(got["context"], context(got), 1e-6 + roundoff)
        # A unit that multiplies bf16 rounds weights as well.
        unit = 2**-8 if name == "bf16" else 0
        self.assert_near(got["fused_context"], context(got), 1e-6 + roundoff + unit)

    def test_every_type(self):
        for isa in supported_isas():
            for name in ("f16", "bf16", "i8", "f8"):
                with self.subTest(isa=isa, type=name):
                    self.check(isa, name)

    def test_f32_is_the_default(self):
        self.assertEqual(attend("--type", "f32"), attend())
        self.assertEqual(attend()["type"], "f32")
        self.assertNotIn("key", attend())

    def test_with_weights_and_a_mask(self):
        got = attend("--type", "i8", "--weights", "example", "--causal")
        self.assertEqual(got["context"][0], got["value"][0])
        # The fused operation has the same numbers, in another order of its steps.
        self.assert_near(got["fused_context"], got["context"], 1e-6)

    def test_text(self):
        self.assertIn("keys and values in f8", output("attend", "--type", "f8"))
        self.assertNotIn("f32", output("attend"))

    def test_others_are_refused(self):
        for name in ("f64", "I8", "", "i8 "):
            result = heed("attend", "--type", name)
            self.assertEqual((result.returncode, result.stdout), (2, ""))
            self.assertIn(f'--type knows f32, f16, bf16, i8 and f8, not "{name}"', result.stderr)


if __name__ == "__main__":
    unittest.main()
