# SPDX-License-Identifier: MIT
"""peer_libraries - attention as other libraries offer it, one function for each way to call one.

Each takes q, k, v as [batch][head][row][dim] float32 arrays and `causal`, and
returns two functions: one that computes, to be timed, and one that gives the
result in the same layout.  It raises Unsupported where the library has no such
call.  One thread each.  Layouts that a program would keep its tensors in are
made beforehand.
"""
import numpy as np


class Unsupported(Exception):
    """This way to call the library does not offer what the workload asks for."""


def visible(q_rows, kv_rows):
    """The causal mask whose last row sees all keys; True: seen."""
    return np.tri(q_rows, kv_rows, kv_rows - q_rows, dtype=bool)


def needs_mask(q, k, causal):
    """Causal flags start at the top left, so they serve square problems only."""
    return causal and q.shape[2] != k.shape[2]


def pytorch(q, k, v, causal):
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    torch.set_num_threads(1)
    tensors = [torch.from_numpy(x) for x in (q, k, v)]
    options = {"enable_gqa": q.shape[1] != k.shape[1]}
    if needs_mask(q, k, causal):
        options["attn_mask"] = torch.from_numpy(visible(q.shape[2], k.shape[2]))
    else:
        options["is_causal"] = causal

    def compute():
        with torch.inference_mode():
            return scaled_dot_product_attention(*tensors, **options)

    return compute, lambda: compute().numpy()


def _session(nodes, inputs, outputs, opset, domain=""):
    """An ONNX Runtime session over a graph of these nodes."""
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper

    kinds = {np.dtype("float32"): TensorProto.FLOAT, np.dtype("int32"): TensorProto.INT32,
             np.dtype("bool"): TensorProto.BOOL}
    graph = helper.make_graph(
        nodes,
        "attention",
        [helper.make_tensor_value_info(name, kinds[x.dtype], x.shape) for name, x in inputs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs],
    )
    opsets = [helper.make_opsetid("", opset)]
    if domain:
        opsets.append(helper.make_opsetid(domain, 1))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _bound(session, inputs, outputs):
    """Two functions: one runs the session on buffers bound once, one gives the first output."""
    import onnxruntime

    binding = session.io_binding()
    values = [(name, onnxruntime.OrtValue.ortvalue_from_numpy(x)) for name, x in inputs]
    for name, value in values:
        binding.bind_ortvalue_input(name, value)
    held = dict(values)
    for name, source in outputs:
        # An output may be an input's buffer (a cache) or a new one of this shape.
        held[name] = held[source] if isinstance(source, str) else (
            onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(source, np.float32)))
        binding.bind_ortvalue_output(name, held[name])

    return (
        lambda: session.run_with_iobinding(binding),
        lambda: held[outputs[0][0]].numpy(),
    )


def onnxruntime_attention(q, k, v, causal):
    """The standard operator, ONNX opset 23."""
    from onnx import helper

    inputs = [("q", q), ("k", k), ("v", v)]
    if needs_mask(q, k, causal):
        inputs.append(("mask", visible(q.shape[2], k.shape[2])))
    node = helper.make_node("Attention", [name for name, _ in inputs], ["o"],
                            is_causal=int(causal and len(inputs) == 3))
    outputs = [("o", q.shape)]
    return _bound(_session([node], inputs, outputs, 23), inputs, outputs)


def onnxruntime_gqa(q, k, v, causal):
    """GroupQueryAttention of com.microsoft: new rows at the end of a cache of keys and values."""
    from onnx import helper

    batch, q_heads, q_rows, dim = q.shape
    kv_heads, kv_rows = k.shape[1:3]
    if not causal and q_rows > 1:
        raise Unsupported("always causal")

    def rows_first(x):
        return np.ascontiguousarray(x.transpose(0, 2, 1, 3)).reshape(batch, x.shape[2], -1)

    inputs = [
        ("q", rows_first(q)),
        ("k", rows_first(k[:, :, kv_rows - q_rows:])),
        ("v", rows_first(v[:, :, kv_rows - q_rows:])),
        ("past_k", k.copy()),
        ("past_v", v.copy()),
        ("seqlens", np.full(batch, kv_rows - 1, np.int32)),
        ("total", np.array([kv_rows], np.int32)),
    ]
    node = helper.make_node("GroupQueryAttention", [name for name, _ in inputs],
                            ["o", "present_k", "present_v"], domain="com.microsoft",
                            num_heads=q_heads, kv_num_heads=kv_heads)
    shapes = [("o", inputs[0][1].shape), ("present_k", k.shape), ("present_v", v.shape)]
    session = _session([node], inputs, shapes, 21, "com.microsoft")
    buffers = [("o", inputs[0][1].shape), ("present_k", "past_k"), ("present_v", "past_v")]
    compute, rows = _bound(session, inputs, buffers)
    return compute, lambda: rows().reshape(batch, q_rows, q_heads, dim).transpose(0, 2, 1, 3)


def openvino(q, k, v, causal):
    """The operator ScaledDotProductAttention; each KV head is a batch that its queries share."""
    import openvino as ov
    from openvino import opset13 as op

    shape = q.shape
    if q.shape[1] != k.shape[1]:
        q = q.reshape(-1, q.shape[1] // k.shape[1], *q.shape[2:])
        k, v = (x.reshape(-1, 1, *x.shape[2:]) for x in (k, v))
    arrays = [q, k, v]
    if needs_mask(q, k, causal):
        arrays.append(visible(q.shape[2], k.shape[2]))
    parameters = [op.parameter(x.shape, x.dtype) for x in arrays]
    node = op.scaled_dot_product_attention(*parameters, causal=causal and len(arrays) == 3)
    model = ov.Model([node], parameters)
    config = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32",
              "PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False}
    request = ov.Core().compile_model(model, "CPU", config).create_infer_request()
    for i, x in enumerate(arrays):
        request.set_input_tensor(i, ov.Tensor(x))

    return request.infer, lambda: request.get_output_tensor().data.reshape(shape)


# What is imported, and the ways to call it, of which the fastest counts.
PEERS = {
    "pytorch": ("torch", [pytorch]),
    "onnxruntime": ("onnxruntime", [onnxruntime_attention, onnxruntime_gqa]),
    "openvino": ("openvino", [openvino]),
}
