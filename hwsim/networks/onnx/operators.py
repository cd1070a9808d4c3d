"""Which operators multiply and accumulate, and who takes each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hwsim.networks.network import Layer
from hwsim.networks.onnx import attentions, convolutions, einsum, matrices, recurrent
from hwsim.networks.onnx.call import Call
from hwsim.networks.onnx.qonnx import DOMAINS, QUANTISERS

_ONNXRUNTIME: Final = "com.microsoft"

Taker = Callable[[Call], list[Layer]]
#: By domain and kind; every other operator of ``ai.onnx`` has no multiply-accumulates.
TAKERS: Final[dict[tuple[str, str], Taker]] = {
    ("", "Conv"): convolutions.conv,
    ("", "ConvInteger"): convolutions.conv_integer,
    ("", "QLinearConv"): convolutions.qlinear_conv,
    ("", "ConvTranspose"): convolutions.conv_transpose,
    ("", "DeformConv"): convolutions.deform_conv,
    ("", "Gemm"): matrices.gemm,
    ("", "MatMul"): matrices.matmul,
    ("", "MatMulInteger"): matrices.matmul_integer,
    ("", "QLinearMatMul"): matrices.qlinear_matmul,
    ("", "Einsum"): einsum.einsum,
    ("", "LSTM"): recurrent.recurrent,
    ("", "GRU"): recurrent.recurrent,
    ("", "RNN"): recurrent.recurrent,
    ("", "Attention"): attentions.standard_attention,
    (_ONNXRUNTIME, "FusedConv"): convolutions.conv,
    (_ONNXRUNTIME, "QLinearConv"): convolutions.qlinear_conv,
    (_ONNXRUNTIME, "FusedMatMul"): matrices.fused_matmul,
    (_ONNXRUNTIME, "FusedGemm"): matrices.gemm,
    (_ONNXRUNTIME, "QGemm"): matrices.qgemm,
    (_ONNXRUNTIME, "MatMulIntegerToFloat"): matrices.matmul_integer_to_float,
    (_ONNXRUNTIME, "DynamicQuantizeMatMul"): matrices.dynamic_quantize_matmul,
    (_ONNXRUNTIME, "MatMulNBits"): matrices.matmul_nbits,
    (_ONNXRUNTIME, "DynamicQuantizeLSTM"): recurrent.dynamic_quantize_lstm,
    (_ONNXRUNTIME, "Attention"): attentions.fused_attention,
    (_ONNXRUNTIME, "MultiHeadAttention"): attentions.multi_head_attention,
    (_ONNXRUNTIME, "GroupQueryAttention"): attentions.group_query_attention,
}
#: Where the weights of an operator stand among its inputs, if not second.
WEIGHT_INPUTS: Final[dict[str, tuple[int, ...]]] = {
    "QLinearConv": (3,),
    "MatMul": (1, 0),
    "MatMulInteger": (1, 0),
    "Gemm": (1, 0),
    "FusedMatMul": (1, 0),
    "FusedGemm": (1, 0),
    "QLinearMatMul": (3, 0),
    "QGemm": (3, 0),
    "Einsum": (1, 0),
    "LSTM": (1, 2),
    "GRU": (1, 2),
    "RNN": (1, 2),
    "DynamicQuantizeLSTM": (1, 2),
}
#: Operators of onnxruntime that may have constants of two dimensions and multiply nothing.
_PLAIN: Final = (
    ("QLinearAdd", "QLinearMul", "QLinearConcat", "QLinearSigmoid", "BiasAdd", "BiasGelu"),
    ("EmbedLayerNormalization", "SkipLayerNormalization", "RotaryEmbedding", "NhwcMaxPool"),
    ("QuantizeLinear", "DequantizeLinear", "GatherBlockQuantized"),
)
#: Operators outside ``ai.onnx`` that are known to multiply nothing.
WITHOUT_MACS: Final = frozenset(
    {(domain, kind) for domain in DOMAINS for kind in (*QUANTISERS, "MultiThreshold")}
    | {(_ONNXRUNTIME, kind) for kinds in _PLAIN for kind in kinds}
)
