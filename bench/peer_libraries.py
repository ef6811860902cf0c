# SPDX-License-Identifier: MIT
"""peer_libraries - attention as other libraries offer it, one function for each way to call one.

Each takes a Problem and returns two functions: one that computes, to be timed, and one that
gives the result as [batch][head][row][dim].  It raises Unsupported where the library has no
such call.  One thread each.  Layouts that a program would keep its tensors and masks in are
made beforehand.
"""
from peer_onnxruntime import onnxruntime_attention, onnxruntime_gqa, onnxruntime_mha
from peer_openvino import openvino
from peer_pytorch import pytorch

# What is imported, and the ways to call it, of which the fastest counts.
PEERS = {
    "pytorch": ("torch", [pytorch]),
    "onnxruntime": ("onnxruntime", [onnxruntime_attention, onnxruntime_mha, onnxruntime_gqa]),
    "openvino": ("openvino", [openvino]),
}
