# SPDX-License-Identifier: MIT
"""heed_ctypes - heed_attention() for NumPy arrays, through libheed.so."""
import ctypes
from ctypes import c_char_p, c_float, c_int, c_size_t, c_ssize_t, c_void_p

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


class Parallel(ctypes.Structure):
    _fields_ = [("parallel_for", c_void_p), ("context", c_void_p), ("workers", c_size_t)]


class AttentionArgs(ctypes.Structure):
    _fields_ = (
        [("struct_size", c_size_t)]
        + [(name, c_size_t) for name in ("batch", "q_heads", "kv_heads", "q_rows", "kv_rows")]
        + [("qk_dim", c_size_t), ("v_dim", c_size_t)]
        + [(name, View) for name in ("q", "k", "v", "o", "lse")]
        + [("scale", c_float), ("mask", c_int), ("q_position", c_ssize_t)]
        + [("workspace", c_void_p), ("workspace_size", c_size_t)]
        + [("parallel", Parallel), ("isa", c_void_p)]
    )


MASK_NONE, MASK_CAUSAL = 0, 1


class Heed:
    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        self.library.heed_status_string.restype = c_char_p
        self.library.heed_isa_default.restype = c_void_p
        self.library.heed_isa_name.restype = c_char_p
        self.library.heed_isa_name.argtypes = [c_void_p]
        for name in ("heed_attention", "heed_attention_workspace"):
            getattr(self.library, name).restype = c_int

    def isa(self):
        isa = self.library.heed_isa_default()
        return self.library.heed_isa_name(isa).decode() if isa else "none"

    def attention(self, q, k, v, causal):
        """Two functions: one that computes, one that gives the result."""
        batch, q_heads, q_rows, dim = q.shape
        out = np.zeros_like(q)
        args = AttentionArgs(
            struct_size=ctypes.sizeof(AttentionArgs),
            batch=batch,
            q_heads=q_heads,
            kv_heads=k.shape[1],
            q_rows=q_rows,
            kv_rows=k.shape[2],
            qk_dim=dim,
            v_dim=dim,
            q=View(q.ctypes.data),
            k=View(k.ctypes.data),
            v=View(v.ctypes.data),
            o=View(out.ctypes.data),
            mask=MASK_CAUSAL if causal else MASK_NONE,
        )
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

    def _demand(self, status):
        if status != 0:
            raise RuntimeError("heed: " + self.library.heed_status_string(status).decode())
