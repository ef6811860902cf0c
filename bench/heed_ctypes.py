# SPDX-License-Identifier: MIT
"""heed_ctypes - attention for NumPy arrays, through libheed.so.  Structs as in heed.h."""
import ctypes
from ctypes import POINTER, c_char_p, c_float, c_int, c_int32, c_size_t, c_ssize_t, c_void_p

import numpy as np


class View(ctypes.Structure):
    """heed_input and heed_output; all strides zero: densely packed."""

    _fields_ = [
        ("data", c_void_p),
        ("dtype", c_int),
        ("batch_stride", c_ssize_t),
        ("head_stride", c_ssize_t),
        ("row_stride", c_ssize_t),
    ]


class ScoreView(ctypes.Structure):
    _fields_ = View._fields_ + [("key_stride", c_ssize_t)]


class Parallel(ctypes.Structure):
    _fields_ = [("parallel_for", c_void_p), ("context", c_void_p), ("workers", c_size_t)]


SIZES = [
    (name, c_size_t)
    for name in "struct_size batch q_heads kv_heads q_rows kv_rows qk_dim v_dim".split()
]
RULE = [("scale", c_float), ("mask", c_int), ("q_position", c_ssize_t)]
RUN = [
    ("workspace", c_void_p),
    ("workspace_size", c_size_t),
    ("parallel", Parallel),
    ("isa", c_void_p),
]


class AttentionArgs(ctypes.Structure):
    """A library that is older than a member accepts it as long as it is zero."""

    _fields_ = (
        SIZES
        + [(name, View) for name in ("q", "k", "v", "o", "lse")]
        + RULE
        + RUN
        + [("packed_k", c_void_p), ("packed_k_size", c_size_t)]
        + [("kv_lengths", POINTER(c_size_t)), ("q_positions", POINTER(c_ssize_t))]
        + [(name, c_size_t) for name in ("window_left", "window_right", "local_chunk", "prefix")]
        + [("softcap", c_float), ("alibi_slopes", POINTER(c_float))]
        + [(name, ScoreView) for name in ("bias", "visible", "blocks")]
        + [("block_rows", c_size_t), ("block_keys", c_size_t)]
        + [("sinks", POINTER(c_float))]
        + [("q_offsets", POINTER(c_int32)), ("kv_offsets", POINTER(c_int32))]
        + [("page_table", POINTER(c_int32)), ("page_table_stride", c_ssize_t)]
        + [("page_rows", c_size_t), ("pages", c_size_t), ("validate_pages", c_int)]
        + [("scores", View), ("scores_are", c_int)]
        + [("k_scales", View), ("v_scales", View)]
        + [("kv", c_void_p), ("precision", c_int)]
    )


class AttentionBackwardArgs(ctypes.Structure):
    _fields_ = (
        SIZES
        + [(name, View) for name in ("q", "k", "v", "o", "d_o", "lse", "d_q", "d_k", "d_v")]
        + RULE
        + RUN
        + [("kv_lengths", POINTER(c_size_t)), ("q_positions", POINTER(c_ssize_t))]
        + [(name, c_size_t) for name in ("window_left", "window_right", "local_chunk", "prefix")]
        + [("softcap", c_float), ("alibi_slopes", POINTER(c_float))]
        + [(name, ScoreView) for name in ("bias", "visible", "blocks")]
        + [("block_rows", c_size_t), ("block_keys", c_size_t)]
        + [("q_offsets", POINTER(c_int32)), ("kv_offsets", POINTER(c_int32))]
        + [("sinks", POINTER(c_float))]
        + [("d_bias", ScoreView), ("d_sinks", POINTER(c_float))]
    )


MASK_NONE, MASK_CAUSAL, MASK_CAUSAL_FROM = 0, 1, 2
DTYPES = {"float32": 0, "float16": 1, "bfloat16": 2, "int8": 3, "float8_e4m3fn": 4, "uint8": 5,
          "bool": 5}
BITS = 6


def strides(array):
    return [stride // array.itemsize for stride in array.strides]


def view(array):
    """Of an array [batch][head][row][dim] as it lies in memory, which the caller keeps."""
    *outer, dim = strides(array)
    assert dim == 1 or array.shape[-1] == 1, "the last axis has to be contiguous"
    return View(array.ctypes.data, DTYPES[array.dtype.name], *outer)


def row_view(array):
    """Of an array [batch][head][row]: one number for each row."""
    return View(array.ctypes.data, DTYPES[array.dtype.name], *strides(array))


def score_view(array):
    """Of an array [batch][head][row][key]."""
    return ScoreView(array.ctypes.data, DTYPES[array.dtype.name], *strides(array))


def bit_view(array):
    """Of an array [batch][head][row][byte] of packed bits, the lowest first; 0 strides as of
    score_view()."""
    outer = strides(array)[:3]
    return ScoreView(array.ctypes.data, BITS, *outer, 1)


def vector(ctype, numbers):
    return (ctype * len(numbers))(*numbers)


def sizes(args_type, q, k, v):
    """A struct of these arguments that holds its size, the shapes and the views."""
    batch, q_heads, q_rows, qk_dim = q.shape
    return args_type(
        struct_size=ctypes.sizeof(args_type),
        batch=batch,
        q_heads=q_heads,
        kv_heads=k.shape[1],
        q_rows=q_rows,
        kv_rows=k.shape[2],
        qk_dim=qk_dim,
        v_dim=v.shape[3],
        q=view(q),
        k=view(k),
        v=view(v),
    )


class Heed:
    def __init__(self, path):
        self.library = ctypes.CDLL(str(path))
        self.library.heed_status_string.restype = c_char_p
        self.library.heed_isa_default.restype = c_void_p
        self.library.heed_isa_name.restype = c_char_p
        self.library.heed_isa_name.argtypes = [c_void_p]
        self.has_backward = hasattr(self.library, "heed_attention_backward")

    def isa(self):
        isa = self.library.heed_isa_default()
        return self.library.heed_isa_name(isa).decode() if isa else "none"

    def attend(self, q, k, v, o, **members):
        """heed_attention() of arrays [batch][head][row][dim], and whatever else it takes."""
        self._call("heed_attention", AttentionArgs, q, k, v, {"o": view(o), **members})

    def attend_backward(self, q, k, v, **members):
        """heed_attention_backward(); o, lse, d_o and the gradients are among the members."""
        self._call("heed_attention_backward", AttentionBackwardArgs, q, k, v, members)

    def attention(self, q, k, v, causal, **members):
        """Two functions: one that computes, one that gives the result, of the type of q.  What
        views among the members stand on is kept by the caller."""
        out = np.zeros_like(q)
        args = sizes(AttentionArgs, q, k, v)
        args.o, args.mask = view(out), MASK_CAUSAL if causal else MASK_NONE
        for member, value in members.items():
            setattr(args, member, value)
        workspace_size = c_size_t()
        self._demand(
            self.library.heed_attention_workspace(ctypes.byref(args), ctypes.byref(workspace_size))
        )
        workspace = np.zeros(workspace_size.value, np.uint8)
        args.workspace, args.workspace_size = workspace.ctypes.data, workspace.size
        pointer, function = ctypes.byref(args), self.library.heed_attention
        self._demand(function(pointer))

        def compute(_alive=(q, k, v, workspace, args)):
            function(pointer)

        return compute, lambda: out

    def _call(self, name, args_type, q, k, v, members):
        args, reason = sizes(args_type, q, k, v), ctypes.create_string_buffer(200)
        for member, value in members.items():
            setattr(args, member, value)
        check = getattr(self.library, name + "_check")
        self._demand(check(ctypes.byref(args), reason, c_size_t(len(reason))), reason)
        self._demand(getattr(self.library, name)(ctypes.byref(args)))

    def _demand(self, status, reason=None):
        if status != 0:
            words = self.library.heed_status_string(status).decode()
            detail = ": " + reason.value.decode() if reason and reason.value else ""
            raise RuntimeError("heed: " + words + detail)
