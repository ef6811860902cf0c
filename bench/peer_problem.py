# SPDX-License-Identifier: MIT
"""peer_problem - a workload as NumPy arrays, what is right for it, and how far right results differ."""
import numpy as np

# Unit roundoffs: a number rounded to the type is off by at most so much of itself.
ROUNDOFF = {"f32": 2.0**-24, "f16": 2.0**-11, "bf16": 2.0**-8}
# Pairs that a mask is made for: that of "window" would be 268 MB, four times as many as numbers.
MOST_MASKED = 2**26


class Unsupported(Exception):
    """This way to call the library does not offer what the workload asks for."""


def element(name):
    """The type of NumPy with a name of --type."""
    if name == "bf16":
        import ml_dtypes

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype({"f32": np.float32, "f16": np.float16}[name])


def bottom_right(q_rows, kv_rows, window=0):
    """The causal mask whose last row sees the last keys, all or so many; True: seen."""
    seen = np.tri(q_rows, kv_rows, kv_rows - q_rows, dtype=bool)
    if window:
        seen &= ~np.tri(q_rows, kv_rows, kv_rows - q_rows - window, dtype=bool)
    return seen


class Problem:
    """q, k, v as [batch][head][row][dim], all of one type, and what hides keys or moves scores.

    visible: None or bools (True: seen), bias: None or numbers; both broadcast to
    [batch][head][row][key].
    """

    def __init__(self, workload, dtype="f32"):
        self.workload, self.dtype, self.type = workload, dtype, element(dtype)
        self.causal, self.window = workload["causal"], workload["window"]
        self.masked = workload["mask"]
        random, w = np.random.default_rng(1), workload

        def normal(*shape):
            return random.standard_normal(shape, np.float32)

        q = normal(w["batch"], w["q_heads"], w["q_rows"], w["dim"]) * np.float32(w["query_factor"])
        k, v = (normal(w["batch"], w["kv_heads"], w["kv_rows"], w["dim"]) for _ in range(2))
        self.arrays = self.q, self.k, self.v = [x.astype(self.type) for x in (q, k, v)]
        self.visible = self.bias = None
        pairs = w["q_rows"], w["kv_rows"]
        if self.masked == "pad":
            keys = np.arange(w["kv_rows"]) < np.array(w["lengths"])[:, None]
            self.visible = keys[:, None, None, :]
        elif self.masked in ("bits", "bytes"):
            self.visible = random.random((1, 1, *pairs)) >= 0.125
        elif self.masked in ("bias", "head-bias"):
            heads = w["q_heads"] if self.masked == "head-bias" else 1
            self.bias = normal(1, heads, *pairs).astype(self.type)

    @property
    def square_causal(self):
        """Does a causal flag that starts at the top left say it all?"""
        return self.causal and not self.window and self.q.shape[2] == self.k.shape[2]

    def mask(self):
        """What a library has to be told beside such a flag: bools, a bias, or None."""
        if self.bias is not None or self.visible is not None:
            return self.visible if self.bias is None else self.bias
        if not self.causal or self.square_causal:
            return None
        rows, keys = self.q.shape[2], self.k.shape[2]
        if rows * keys > MOST_MASKED:
            raise Unsupported(f"a mask of {rows} x {keys}")
        return bottom_right(rows, keys, self.window)[None, None]

    def _row(self, b, h, r):
        """Scores and values of the keys that a row sees, and the sums of |q k| behind scores."""
        kv, keys = h // (self.q.shape[1] // self.k.shape[1]), self.k.shape[2]
        seen = np.ones(keys, bool)
        if self.causal:
            last = r + keys - self.q.shape[2]
            seen &= np.arange(keys) <= last
            if self.window:
                seen &= np.arange(keys) > last - self.window
        if self.visible is not None:
            seen &= self.visible[b if self.visible.shape[0] > 1 else 0, 0,
                                 r if self.visible.shape[2] > 1 else 0]
        q, k = self.q[b, h, r].astype(float), self.k[b, kv][seen].astype(float)
        scale = 1 / np.sqrt(len(q))
        scores = k @ q * scale
        if self.bias is not None:
            scores += self.bias[0, h if self.bias.shape[1] > 1 else 0, r][seen].astype(float)
        return scores, self.v[b, kv][seen].astype(float), np.abs(k) @ np.abs(q) * scale

    def rows(self):
        """Of five rows, as in check.c: (batch, head, row), the right result by the formula in
        double, the error relative to its terms that arithmetic explains, and the terms' sizes."""
        batch, heads, count, dim = self.q.shape
        for i in range(5):
            b, rest = divmod((batch * heads * count - 1) * i // 4, heads * count)
            h, r = divmod(rest, count)
            scores, values, sizes = self._row(b, h, r)
            weights = np.exp(scores - scores.max())
            weights /= weights.sum()
            yield (b, h, r), weights @ values, self._relative(scores, sizes, dim), (
                weights @ np.abs(values))

    def _relative(self, scores, sizes, dim):
        """The largest relative error of a weight, up to a result of that type.

        In f32, with u = 2^-24, as in check.c: a score is off by 2 (dim + 2) u sum|q k|, which
        counts for a weight and for the sum of all; summing n of them takes (2 n + 16) u.  A library
        may round scores, weights and results to the type t: a score s is then off by u_t |s|,
        which counts twice, a weight and the sum of weights by u_t each, and a result by u_t.
        """
        u = ROUNDOFF["f32"]
        error = 4 * (dim + 2) * u * sizes.max() + (2 * len(scores) + 16) * u
        if self.dtype != "f32":
            error += ROUNDOFF[self.dtype] * (2 * np.abs(scores).max() + 3)
        return error

    def largest_error(self, result):
        """Of the five rows, and the largest that is explained for any of them."""
        worst = bound = 0.0
        for place, right, relative, sizes in self.rows():
            error = np.abs(result[place].astype(float) - right)
            worst = max(worst, float(np.max(error)))
            bound = max(bound, relative * float(np.max(sizes)))
        return worst, bound

    def distance(self, result, other):
        """Between two results, as a part of what rounding explains: above 1 one of them is wrong.

        Root mean squares: values are independent of zero mean, so that of sum w v is sqrt(sum w^2),
        and errors of at most e w in its terms make one of at most e sqrt(sum w^2).  Each result
        has its own.  Where a sixteenth of the keys were hidden and one did not know, it would be
        a quarter of the results themselves.
        """
        relative = max(relative for _, _, relative, _ in self.rows())
        difference = result.astype(float) - other.astype(float)
        return float(np.sqrt(np.mean(difference**2) / np.mean(other.astype(float)**2)) / (2 * relative))
