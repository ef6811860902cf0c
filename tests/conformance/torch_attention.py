#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""torch_attention - heed beside scaled_dot_product_attention() of PyTorch in double.

PyTorch's plain ("math") implementation on the CPU is a second oracle: for the output over a grid
of shapes, masks, grouped heads and types, and, by its autograd, for the gradients.  The operands
are rounded to the type first, so that both sides compute with the same numbers; tolerances come
from bounds.py.  PyTorch 2.5 or newer, for enable_gqa.
"""
import itertools

from report import Report, demand, load, parse_options, skip

options = parse_options(__doc__)
np, torch, ml_dtypes = demand("numpy", "torch", "ml_dtypes")
if tuple(int(part) for part in torch.__version__.split(".")[:2]) < (2, 5):
    skip(f"PyTorch {torch.__version__} is older than 2.5: no enable_gqa")

from bounds import Attention

heed = load(options.library)
from heed_ctypes import MASK_CAUSAL, MASK_NONE, row_view, score_view, view

TYPES = {"f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}
# batch, query heads, heads of keys, rows, keys, dim of queries and keys, dim of values
SHAPES = ((1, 1, 1, 1, 1, 1, 1), (2, 4, 4, 7, 7, 16, 16), (1, 8, 2, 5, 33, 24, 40),
          (2, 6, 1, 64, 129, 64, 64), (1, 2, 2, 130, 130, 80, 72), (1, 3, 3, 1, 1500, 32, 32))
MASKS = ("none", "boolean", "float", "causal")


def operands(shape, dtype):
    """q, k, v from N(0, 1), in the type."""
    batch, q_heads, kv_heads, rows, keys, qk_dim, v_dim = shape
    random = np.random.default_rng(sum(shape))
    wanted = ((q_heads, rows, qk_dim), (kv_heads, keys, qk_dim), (kv_heads, keys, v_dim))
    return [random.standard_normal((batch, *each)).astype(dtype) for each in wanted]


def mask_of(kind, shape):
    """What both take (or None), and the same as numbers that are added."""
    batch, q_heads, _, rows, keys, _, _ = shape
    random, full = np.random.default_rng(7), (batch, q_heads, rows, keys)
    if kind == "boolean":  # one for all heads; each row sees key 0, for the bounds
        mask = random.random((batch, 1, rows, keys)) < 0.7
        mask[..., 0] = True
        return mask, np.broadcast_to(np.where(mask, 0.0, -np.inf), full)
    if kind == "float":  # one for all batches
        mask = random.standard_normal((1, q_heads, rows, keys)).astype(np.float32)
        mask[random.random(mask.shape) < 0.2] = -np.inf
        mask[..., 0] = 0
        return mask, np.broadcast_to(mask.astype(np.float64), full)
    if kind == "causal":
        return None, np.broadcast_to(np.where(np.tri(rows, keys) > 0, 0.0, -np.inf), full)
    return None, np.zeros(full)


def oracle(q, k, v, kind, mask):
    """PyTorch's output, and the tensors that it depends on; last the mask, if it has numbers."""
    tensors = [torch.from_numpy(x.astype(np.float64)).requires_grad_() for x in (q, k, v)]
    if kind == "float":
        mask = torch.from_numpy(mask.astype(np.float64)).requires_grad_()
        tensors.append(mask)
    elif mask is not None:
        mask = torch.from_numpy(mask)
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        o = torch.nn.functional.scaled_dot_product_attention(
            *tensors[:3], attn_mask=mask, is_causal=kind == "causal", enable_gqa=True)
    return o, tensors


def repeated(view_, shape):
    """The view of an array whose axes of length 1 stand for all of such a shape."""
    for axis, name in enumerate(("batch_stride", "head_stride", "row_stride", "key_stride")):
        if shape[axis] == 1:
            setattr(view_, name, 0)
    return view_


def rules_of(kind, mask):
    """The members that say what is seen, and what has to stay alive for them."""
    members = {"mask": MASK_CAUSAL if kind == "causal" else MASK_NONE}
    if mask is None:
        return members, None
    boolean = mask.dtype == np.bool_
    kept = mask.astype(np.uint8) if boolean else mask
    members["visible" if boolean else "bias"] = repeated(score_view(kept), kept.shape)
    return members, kept


def attend(q, k, v, kind, mask):
    """heed's output and log-sum-exp."""
    batch, heads, rows, _ = q.shape
    o = np.empty((batch, heads, rows, v.shape[3]), q.dtype)
    lse = np.empty((batch, heads, rows), np.float32)
    members, _kept = rules_of(kind, mask)
    heed.attend(q, k, v, o, lse=row_view(lse), **members)
    return o, lse


def bounds_of(q, k, v, bias):
    group = q.shape[1] // k.shape[1]
    k, v = (np.repeat(x.astype(np.float64), group, axis=1) for x in (k, v))
    return Attention(q.astype(np.float64), k, v, bias, q.shape[3] ** -0.5)


def difference(name, got, want, bound):
    off = abs(got.astype(np.float64) - want)
    wrong = ~(off <= bound)  # NaN is wrong
    if got.shape == want.shape and not wrong.any():
        return None
    at = np.unravel_index(np.argmax(np.where(wrong, off, -1)), off.shape)
    return (f"{name}{[int(i) for i in at]} is {float(got[at]):.9g}, not {want[at]:.9g}"
            f" (within {bound[at]:.2g}); {wrong.sum()} such")


def check_output(shape, kind, dtype):
    q, k, v = operands(shape, dtype)
    mask, bias = mask_of(kind, shape)
    want = oracle(q, k, v, kind, mask)[0].detach().numpy()
    got, _ = attend(q, k, v, kind, mask)
    return difference("o", got, want, bounds_of(q, k, v, bias).stored(want, got.dtype.name))


def check_gradients(shape, kind):
    q, k, v = operands(shape, np.float32)
    mask, bias = mask_of(kind, shape)
    o, lse = attend(q, k, v, kind, mask)
    d_o = np.random.default_rng(3).standard_normal(o.shape).astype(np.float32)
    got = [np.empty_like(x) for x in (q, k, v)]
    names = ("d_q", "d_k", "d_v", "d_bias")
    members, _kept = rules_of(kind, mask)
    members |= {name: view(x) for name, x in zip(names, got)}
    if kind == "float":
        got.append(np.empty_like(mask))
        members["d_bias"] = repeated(score_view(got[3]), mask.shape)
    heed.attend_backward(q, k, v, o=view(o), d_o=view(d_o), lse=row_view(lse), **members)
    theirs, tensors = oracle(q, k, v, kind, mask)
    want = torch.autograd.grad(theirs, tensors, torch.from_numpy(d_o.astype(np.float64)))
    group = q.shape[1] // k.shape[1]
    bounds = bounds_of(q, k, v, bias).gradients(
        theirs.detach().numpy(), d_o.astype(np.float64), group)
    for name, mine, other, bound in zip(names, got, want, bounds):
        if name in ("d_k", "d_v"):  # the heads of a group add up
            bound = bound.reshape(k.shape[0], k.shape[1], group, *bound.shape[2:]).sum(2)
        if name == "d_bias":  # and so do the batches of the mask
            bound = bound.sum(0, keepdims=True)
        wrong = difference(name, mine, other.numpy(), bound + 2.0**-126)
        if wrong:
            return wrong
    return None


def grid():
    """Shapes with masks; PyTorch aligns causal rows top-left, which is ours if lengths agree."""
    for shape, kind in itertools.product(SHAPES, MASKS):
        if kind != "causal" or shape[3] == shape[4]:
            yield "x".join(str(size) for size in shape), shape, kind


def main():
    print(f"PyTorch {torch.__version__}; heed on {heed.isa()}")
    report = Report(options)
    for (text, shape, kind), (name, dtype) in itertools.product(grid(), TYPES.items()):
        if report.wants(f"{text}-{kind}-{name}"):
            report.case(f"{text}-{kind}-{name}", lambda: check_output(shape, kind, dtype))
    if not heed.has_backward:
        print("gradients left out: this library has no heed_attention_backward()")
    for text, shape, kind in grid() if heed.has_backward else ():
        if report.wants(f"{text}-{kind}-gradients"):
            report.case(f"{text}-{kind}-gradients", lambda: check_gradients(shape, kind))
    report.finish()


if __name__ == "__main__":
    main()
