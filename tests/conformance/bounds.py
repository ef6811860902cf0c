# SPDX-License-Identifier: MIT
"""bounds - how far heed, which computes in f32, may be from attention and its gradients.

From the operands alone, in double, and from nobody's results.  Each step adds its roundings,
as in tests/checks/bounds.h, whose constants these are; a row's largest error stands here for
the error of each of its scores.  Arrays are [batch][head][row][..], k and v repeated over groups.
"""
import numpy as np

U = 2.0**-24  # unit roundoff of f32
FEW = 4  # scale, a sum's last steps
LOST_WEIGHT = 2.0**-94
# Half a unit in the last place, relative, and half the smallest step above zero.
ROUNDED = {"float32": (2.0**-24, 2.0**-150), "float16": (2.0**-11, 2.0**-25),
           "bfloat16": (2.0**-8, 2.0**-134)}


def over_keys(keys):
    """Roundings in a sum over keys: chunks of 1024, blocks of 64."""
    return min(keys, 1024) + 3 * (min(keys, 1024) / 64 + 1) + 4 * (keys / 1024 + 1)


def transposed(x):
    return np.swapaxes(x, -1, -2)


class Attention:
    """Weights, output and the bound of the output before it is rounded to its type."""

    def __init__(self, q, k, v, bias, scale):
        """`bias` includes -inf where a key is hidden; each row sees one at least."""
        seen = np.isfinite(bias)
        finite = np.where(seen, bias, 0)
        scores = np.where(seen, scale * (q @ transposed(k)) + finite, -np.inf)
        most = scores.max(-1, keepdims=True)
        self.weights = np.exp(scores - most)
        self.weights /= self.weights.sum(-1, keepdims=True)
        size = abs(scale) * (abs(q) @ transposed(abs(k))) + abs(finite)
        # The dot product, the bias; then score times log2 e, minus the maximum, exp.
        exponent = (q.shape[-1] + FEW) * U * size + U * (4 * size + 2 * abs(most) + 4)
        exponent = np.where(seen, exponent, 0).max(-1, keepdims=True)
        self.rounds = over_keys(k.shape[-2])
        # exp(e + t) over a sum whose terms are off by as much.
        self.relative = np.expm1(2 * (exponent + self.rounds * U))
        self.seen, self.scale, self.q, self.k, self.v = seen, scale, q, k, v
        self.size = self.weights @ abs(v)
        lost = LOST_WEIGHT * (seen @ abs(v))
        self.error = (self.relative + (1 + self.relative) * self.rounds * U) * self.size + lost

    def stored(self, o, dtype):
        """The bound of the output o in its type."""
        relative, absolute = ROUNDED[dtype]
        return self.error + relative * (abs(o) + self.error) + absolute

    def gradients(self, o, d_o, groups):
        """Bounds of d_q, d_k, d_v, and of terms of d_bias, added up over the batch at most; o is
        heed's own output in f32, off by stored()."""
        p, v_dim, rows = self.weights, self.v.shape[-1], self.q.shape[-2]
        relative = np.expm1(2 * np.log1p(self.relative))  # of the weights, and of the lse again
        d_p = d_o @ transposed(self.v)
        rest = (d_o * o).sum(-1, keepdims=True)
        d_p_size = abs(d_o) @ transposed(abs(self.v))
        rest_size = (abs(d_o) * abs(o)).sum(-1, keepdims=True)
        # Of dP - D: both sums, o's own error in D, and the subtraction.
        off = (v_dim + FEW) * U * (d_p_size + rest_size)
        off = off + (abs(d_o) * self.stored(o, "float32")).sum(-1, keepdims=True)
        d_s = p * abs(d_p - rest)
        d_s_off = (relative + FEW * U) * (d_s + p * off) + p * off + LOST_WEIGHT * d_p_size
        d_s_off = np.where(self.seen, d_s_off, 0)
        d_q = (d_s_off + (self.rounds + FEW) * U * (d_s + d_s_off)) @ abs(self.k)
        many = over_keys(rows * groups) + FEW
        d_k = transposed(d_s_off + many * U * (d_s + d_s_off)) @ abs(self.q)
        weights_off = (relative + many * U * (1 + relative)) * p + LOST_WEIGHT * self.seen
        d_bias = d_s_off + p.shape[0] * U * (d_s + d_s_off)
        return (abs(self.scale) * d_q, abs(self.scale) * d_k, transposed(weights_off) @ abs(d_o),
                d_bias)
