#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""onnx_attention - the test cases of ONNX's operator Attention, run through heed_attention().

The installed onnx package generates them, inputs and outputs (onnx.backend.test.case.node):
the operator of opsets 23 to 25 in f32, f16 and bf16.  Each case runs as one call; keys and
values of the past are put before the new ones, as the outputs present_key and present_value
want them.  Outputs are compared as by onnx.backend.test.runner, at the tolerances of the case.
"""
from report import Report, demand, load, parse_options

options = parse_options(__doc__)
np, onnx = demand("numpy", "onnx")

import warnings

from onnx.backend.test.case.node import collect_testcases

heed = load(options.library)
from heed_ctypes import (MASK_CAUSAL, MASK_CAUSAL_FROM, MASK_NONE, c_size_t, c_ssize_t, score_view,
                         vector, view)

INPUTS = ("q", "k", "v", "attn_mask", "past_key", "past_value", "nonpad_kv_seqlen")
OUTPUTS = ("y", "present_key", "present_value", "qk_matmul_output")

# Operators beside Attention, and what Attention defines beyond the cases.
OTHER_OPERATORS = {
    "FlexAttention": "another operator: a graph changes its scores, which no C call can take",
    "LinearAttention": "another operator: a recurrence over a state, not softmax(q k^T) v",
}
NOT_MAPPED = (
    "tensors of type double: heed has none, and no case has one",
    "softmax_precision: heed computes in f32 and more than meets the cases with f32 and double;"
    " the coarser f16 and bf16, of which there is no case, are not imitated",
)


def named(names, given, tensors):
    """Tensors by the names of their places; absent ones have the empty name in the node."""
    tensors = iter(tensors)
    return {name: next(tensors) for name, text in zip(names, given) if text}


def heads(tensor, count):
    """[batch][row][heads side by side] as [batch][head][row][dim], the same memory."""
    if tensor.ndim == 4:
        return tensor
    batch, rows, width = tensor.shape
    return tensor.reshape(batch, rows, count, width // count).transpose(0, 2, 1, 3)


def mask_member(mask, shape):
    """Booleans say what is visible, numbers are added.  Keys past a mask's end are hidden."""
    boolean = mask.dtype == np.bool_
    mask = mask.astype(np.uint8 if boolean else np.float32)
    missing = [(0, 0)] * (mask.ndim - 1) + [(0, shape[-1] - mask.shape[-1])]
    mask = np.pad(mask, missing, constant_values=0 if boolean else -np.inf)
    return "visible" if boolean else "bias", np.broadcast_to(mask, shape)


def place(attributes, past, lengths, batch):
    """Members for where rows stand among the keys, and what follows from it."""
    causal = attributes.get("is_causal", 0)
    # ONNX counts the keys beside a row's own, -1 for no limit; heed counts that one too.
    members = {
        "window_left": attributes.get("left_window_size", -1) + 1,
        "window_right": attributes.get("right_window_size", -1) + 1,
    }
    if lengths is not None:
        # The last row stands at the last key that exists.
        members.update(kv_lengths=vector(c_size_t, lengths),
                       mask=MASK_CAUSAL if causal else MASK_NONE)
    elif causal:
        members.update(mask=MASK_CAUSAL_FROM, q_position=past)
    else:
        members.update(q_positions=vector(c_ssize_t, [past] * batch))
    return members


def attend(inputs, wanted, attributes):
    """The outputs of the node, by name."""
    q = heads(inputs["q"], attributes.get("q_num_heads"))
    k, v = (heads(inputs[name], attributes.get("kv_num_heads")) for name in "kv")
    outputs, past = {}, 0
    if "past_key" in inputs:
        past = inputs["past_key"].shape[2]
        k = outputs["present_key"] = np.concatenate((inputs["past_key"], k), axis=2)
        v = outputs["present_value"] = np.concatenate((inputs["past_value"], v), axis=2)
    batch, q_heads, rows, _ = q.shape
    scores_shape, v_dim = (batch, q_heads, rows, k.shape[2]), v.shape[3]
    flat = inputs["q"].ndim == 3
    y = np.empty((batch, rows, q_heads * v_dim) if flat else (batch, q_heads, rows, v_dim), q.dtype)
    members = place(attributes, past, inputs.get("nonpad_kv_seqlen"), batch)
    members.update(scale=attributes.get("scale", 0), softcap=attributes.get("softcap", 0))
    if "attn_mask" in inputs:
        kind, mask = mask_member(inputs["attn_mask"], scores_shape)
        members[kind] = score_view(mask)
    if "qk_matmul_output" in wanted:
        scores = np.empty(scores_shape, np.float32)
        members.update(scores=view(scores), scores_are=attributes.get("qk_matmul_output_mode", 0))
    heed.attend(q, k, v, heads(y, q_heads), **members)
    outputs["y"] = y
    if "qk_matmul_output" in wanted:
        outputs["qk_matmul_output"] = scores.astype(q.dtype)
    return outputs


def difference(name, got, want, rtol, atol):
    """As assert_similar_outputs() of onnx.backend.test.runner has it, its bf16 rule included."""
    if got.shape != want.shape or got.dtype != want.dtype:
        return f"{name} is {got.dtype}{got.shape}, not {want.dtype}{want.shape}"
    if got.dtype.name == "bfloat16":
        rtol = max(rtol, 2**-6)  # two units in the last place; for f16 it has no such rule
    got, want = got.astype(np.float64), want.astype(np.float64)
    close = np.isclose(got, want, rtol, atol, equal_nan=True)
    if close.all():
        return None
    at = tuple(np.argwhere(~close)[0])
    return (f"{name}{[int(i) for i in at]} is {got[at]:.9g}, not {want[at]:.9g};"
            f" {(~close).sum()} such")


def run(case):
    node = case.model.graph.node[0]
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    for given, expected in case.data_sets:
        want = named(OUTPUTS, node.output, expected)
        got = attend(named(INPUTS, node.input, given), want, attributes)
        for name, tensor in want.items():
            wrong = difference(name, got[name], tensor, case.rtol, case.atol)
            if wrong:
                return wrong
    return None


def collect():
    """Cases that are a single node, by operator; how many more write Attention as a graph."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of other operators: it makes the cases of all
        cases = {case.name: case for case in collect_testcases()}
    single, graphs = {}, 0
    for case in cases.values():
        operators = [node.op_type for node in case.model.graph.node]
        if case.name.endswith("_expanded") and case.name.startswith("test_attention_"):
            graphs += 1
        elif len(operators) == 1:
            single.setdefault(operators[0], []).append(case)
    return single, graphs


def main():
    single, graphs = collect()
    cases = single["Attention"]
    print(f"onnx {onnx.__version__}: {len(cases)} cases of Attention; heed on {heed.isa()}")
    print(f"left out: {graphs} cases *_expanded, the same nodes as graphs of simpler operators")
    report = Report(options)
    for case in cases:
        if report.wants(case.name):
            report.case(case.name, lambda: run(case))
    for operator, reason in OTHER_OPERATORS.items():
        for case in single.get(operator, []):
            report.say(f"not mapped: {case.name}: {reason}")
    for text in NOT_MAPPED:
        report.say(f"not mapped: {text}")
    report.finish()


if __name__ == "__main__":
    main()
