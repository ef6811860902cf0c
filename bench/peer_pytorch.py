# SPDX-License-Identifier: MIT
"""peer_pytorch - scaled_dot_product_attention of PyTorch."""
import numpy as np


def tensor(array):
    """PyTorch does not know NumPy's bfloat16, but its bits."""
    import torch

    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def numbers(result, dtype):
    import torch

    return result.view(torch.int16).numpy().view(dtype) if dtype.name == "bfloat16" else (
        result.numpy())


def pytorch(problem):
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    torch.set_num_threads(1)
    tensors = [tensor(x) for x in problem.arrays]
    mask = problem.mask()
    options = {"enable_gqa": problem.q.shape[1] != problem.k.shape[1],
               "is_causal": problem.square_causal,
               "attn_mask": None if mask is None else tensor(mask)}

    def compute():
        with torch.inference_mode():
            return scaled_dot_product_attention(*tensors, **options)

    return compute, lambda: numbers(compute(), problem.type)
