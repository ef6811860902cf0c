# SPDX-License-Identifier: MIT
"""peer_onnxruntime - three operators of ONNX Runtime: a way each."""
import numpy as np

from peer_problem import Unsupported


def _kind(array):
    from onnx import TensorProto

    return {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16,
            "bfloat16": TensorProto.BFLOAT16, "int32": TensorProto.INT32,
            "bool": TensorProto.BOOL}[array.dtype.name]


def _session(node, inputs, outputs, opset, domain=""):
    """An ONNX Runtime session over a graph of this node; outputs are of the first input's type."""
    import onnxruntime
    from onnx import helper

    graph = helper.make_graph(
        [node], "attention",
        [helper.make_tensor_value_info(name, _kind(x), x.shape) for name, x in inputs],
        [helper.make_tensor_value_info(name, _kind(inputs[0][1]), shape) for name, shape in outputs])
    opsets = [helper.make_opsetid("", opset)]
    if domain:
        opsets.append(helper.make_opsetid(domain, 1))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _value(array):
    import onnxruntime

    if array.dtype.name == "bfloat16":
        return onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(
            array.view(np.uint16), _kind(array))
    return onnxruntime.OrtValue.ortvalue_from_numpy(array)


def _bound(session, inputs, outputs):
    """Two functions: one runs the session on buffers bound once, one gives the first output."""
    binding, dtype = session.io_binding(), inputs[0][1].dtype
    held = {name: _value(x) for name, x in inputs}
    for name, value in held.items():
        binding.bind_ortvalue_input(name, value)
    for name, source in outputs:
        # An output may be an input's buffer (a cache) or a new one of this shape.
        held[name] = held[source] if isinstance(source, str) else _value(np.zeros(source, dtype))
        binding.bind_ortvalue_output(name, held[name])
    return (lambda: session.run_with_iobinding(binding),
            lambda: held[outputs[0][0]].numpy().view(dtype))


def _whole_rows(mask, q_rows):
    """Its rows are not broadcast."""
    return np.ascontiguousarray(
        np.broadcast_to(mask, (*mask.shape[:2], q_rows, mask.shape[3])))


def onnxruntime_attention(problem):
    """The standard operator, ONNX opset 23."""
    from onnx import helper

    inputs, mask = list(zip("qkv", problem.arrays)), problem.mask()
    if mask is not None:
        inputs.append(("mask", _whole_rows(mask, problem.q.shape[2])))
    node = helper.make_node("Attention", [name for name, _ in inputs], ["o"],
                            is_causal=int(problem.square_causal))
    outputs = [("o", problem.q.shape)]
    return _bound(_session(node, inputs, outputs, 23), inputs, outputs)


def _rows_first(x):
    """[batch][row][head and dim], as projections leave it."""
    return np.ascontiguousarray(x.transpose(0, 2, 1, 3)).reshape(x.shape[0], x.shape[2], -1)


def _heads_first(rows, shape):
    batch, heads, count, dim = shape
    return rows.reshape(batch, count, heads, dim).transpose(0, 2, 1, 3)


def _as_bias(mask, dtype):
    """Bools as the numbers that models add: the least that there is where a key is hidden."""
    import ml_dtypes

    if mask.dtype != bool:
        return mask
    return np.where(mask, 0, float(ml_dtypes.finfo(dtype).min)).astype(dtype)


def onnxruntime_mha(problem):
    """MultiHeadAttention of com.microsoft, into which encoders are fused."""
    from onnx import helper

    if problem.q.shape[1] != problem.k.shape[1]:
        raise Unsupported("no grouped heads")
    inputs = [(name, _rows_first(x)) for name, x in zip("qkv", problem.arrays)]
    names = ["q", "k", "v"]
    if problem.masked == "pad":
        inputs.append(("lengths", np.array(problem.workload["lengths"], np.int32)))
        names += ["", "lengths"]
    elif (mask := problem.mask()) is not None:
        inputs.append(("bias", _as_bias(_whole_rows(mask, problem.q.shape[2]), problem.type)))
        names += ["", "", "bias"]
    node = helper.make_node("MultiHeadAttention", names, ["o"], domain="com.microsoft",
                            num_heads=problem.q.shape[1], unidirectional=int(problem.square_causal))
    outputs = [("o", inputs[0][1].shape)]
    compute, rows = _bound(_session(node, inputs, outputs, 21, "com.microsoft"), inputs, outputs)
    return compute, lambda: _heads_first(rows(), problem.q.shape)


def onnxruntime_gqa(problem):
    """GroupQueryAttention of com.microsoft: new rows at the end of a cache of keys and values."""
    from onnx import helper

    q, k, v = problem.arrays
    batch, q_heads, q_rows, _ = q.shape
    kv_heads, kv_rows = k.shape[1:3]
    if not problem.causal and q_rows > 1:
        raise Unsupported("always causal")
    if problem.masked != "none":
        raise Unsupported("no masks but its own")
    inputs = [
        ("q", _rows_first(q)),
        ("k", _rows_first(k[:, :, kv_rows - q_rows:])),
        ("v", _rows_first(v[:, :, kv_rows - q_rows:])),
        ("past_k", k.copy()),
        ("past_v", v.copy()),
        ("seqlens", np.full(batch, kv_rows - 1, np.int32)),
        ("total", np.array([kv_rows], np.int32)),
    ]
    node = helper.make_node("GroupQueryAttention", [name for name, _ in inputs],
                            ["o", "present_k", "present_v"], domain="com.microsoft",
                            num_heads=q_heads, kv_num_heads=kv_heads,
                            local_window_size=problem.window or -1)
    shapes = [("o", inputs[0][1].shape), ("present_k", k.shape), ("present_v", v.shape)]
    session = _session(node, inputs, shapes, 21, "com.microsoft")
    buffers = [("o", inputs[0][1].shape), ("present_k", "past_k"), ("present_v", "past_v")]
    compute, rows = _bound(session, inputs, buffers)
    return compute, lambda: _heads_first(rows(), q.shape)
