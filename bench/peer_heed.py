# SPDX-License-Identifier: MIT
"""peer_heed - a Problem for heed."""
import numpy as np

from heed_ctypes import bit_view, score_view


def _broadcast(array, problem):
    """To all heads, rows and sequences, by strides of 0."""
    shape = (*problem.q.shape[:3], array.shape[3])
    return np.broadcast_to(array, shape)


def heed_attention(heed, problem):
    """Two functions: one that computes, one that gives the result."""
    members = {"window_left": problem.window}
    if problem.masked == "bits":
        # The problem keeps what the view stands on.
        problem.packed = np.packbits(problem.visible, axis=-1, bitorder="little")
        members["visible"] = bit_view(_broadcast(problem.packed, problem))
    elif problem.visible is not None:
        members["visible"] = score_view(_broadcast(problem.visible, problem))
    elif problem.bias is not None:
        members["bias"] = score_view(_broadcast(problem.bias, problem))
    return heed.attention(*problem.arrays, problem.causal, **members)
