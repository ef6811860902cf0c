# SPDX-License-Identifier: MIT
"""peer_openvino - the operator ScaledDotProductAttention of OpenVINO."""
import numpy as np


def tensor(array):
    """OpenVINO shows tensors of bfloat16 to NumPy as if they held float16."""
    import openvino as ov

    if array.dtype.name != "bfloat16":
        return ov.Tensor(array)
    made = ov.Tensor(ov.Type.bf16, array.shape)
    made.data.view(np.uint16)[...] = array.view(np.uint16)
    return made


def openvino(problem):
    """Each KV head is a batch that its queries share."""
    import openvino as ov
    from openvino import opset13 as op

    q, k, v = problem.arrays
    shape, mask = q.shape, problem.mask()
    if q.shape[1] != k.shape[1]:
        q = q.reshape(-1, q.shape[1] // k.shape[1], *q.shape[2:])
        k, v = (x.reshape(-1, 1, *x.shape[2:]) for x in (k, v))
        # Those of the workloads whose heads are grouped are the same for all heads and batches.
        assert mask is None or mask.shape[:2] == (1, 1)
    tensors = [tensor(np.ascontiguousarray(x)) for x in (q, k, v, mask) if x is not None]
    parameters = [op.parameter(x.shape, x.element_type) for x in tensors]
    node = op.scaled_dot_product_attention(*parameters, causal=problem.square_causal)
    config = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": problem.dtype,
              "PERFORMANCE_HINT": "LATENCY", "ENABLE_CPU_PINNING": False}
    request = ov.Core().compile_model(ov.Model([node], parameters), "CPU",
                                      config).create_infer_request()
    for i, x in enumerate(tensors):
        request.set_input_tensor(i, x)

    def result():
        data = request.get_output_tensor().data
        return data.view(problem.type).reshape(shape)

    return request.infer, result
