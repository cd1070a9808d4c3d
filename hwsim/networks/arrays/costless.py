"""Arrays that are known by their names to cost no multiply-accumulates."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hwsim.networks.arrays.names import Arrays, beside, is_vector, parts
from hwsim.networks.uncounted import Reason

_STATISTICS = {
    *("running_mean", "running_var", "num_batches_tracked"),
    *("moving_mean", "moving_variance", "moving_var"),
}
# Patterns are texts, which re compiles when they are first asked for: most files need none of them.
#: Tables that are read by index or added to activations, and never multiplied with them.
_POSITIONS: Final = (
    r"(^|_)pos(ition(s|al)?)?_?(emb(ed(ding)?s?)?|enc(od(er|ing)s?)?|bias(_table|es)?|table)$"
    r"|^(wpe|pe|embed_positions|relative_attention_bias|relative_position_bias_table)$"
    r"|^attention_bias(es)?$"
)
_LOOKUPS: Final = (
    r"(^|_)emb(ed(ding|der)?)?s?(_tokens|_table|_in)?$|^tok(en)?_emb[a-z]*$"
    r"|^(wte|shared|word_embs)$"
)
_TOKENS: Final = (
    r"(^|_)(cls|class|dist|distillation|mask|reg|register|prompt|query|sep)_(tokens?|embedding)$"
)
_BUFFERS: Final = (
    r"(^|_)(ids|index|indices|idxs?)$|^(attn_|causal_|tril_|key_)?mask$|^masked_bias$|^tril$"
    r"|^(inv_freq|freqs(_cis)?|(cos|sin)(_cached)?|anchors|anchor_grid|strides?)$"
)
_SCALES: Final = r"(^|_)(scales?|scale_inv|scaling|zero_points?|zp|absmax|amax|alpha|temperature)$"
_BIASES: Final = r"^bias(_[ih]h_l\d+(_reverse)?|_[ihkv]h?)?$|_bias$|^beta$|^b$"
#: Biases of Transformer-XL's queries, (heads, features): added, not multiplied.
_WIDE_BIASES = {"r_w_bias", "r_r_bias", "pos_bias_u", "pos_bias_v"}
#: Parts of the names of what an optimiser keeps: torch's, optax', and where scripts put it.
OPTIMISER: Final = (
    r"^(exp_avg(_sq)?|max_exp_avg_sq|momentum_buffer|square_avg|acc_delta|grad_avg|exp_inf)$"
    r"|^optim(izer|iser)?(_.*|s)?$|^opt(_state)?$|^(lr_)?scheduler.*$"
)


def reason_of(key: str, array: NDArray[Any], named: Arrays) -> Reason | None:
    """Tell why an array costs no MACs; None if its name does not say so.

    Parameters
    ----------
    key : str
        Its name.
    array : ndarray
        The array.
    named : mapping
        All arrays of the file, for what stands beside it.
    """
    modules, parameter = parts(key)
    owner = modules[-1] if modules and parameter == "weight" else parameter
    if any(re.match(OPTIMISER, part) for part in (*modules, parameter)):
        return "optimiser state"
    if parameter in _STATISTICS:
        return "running statistics"
    if _is_of_a_norm(key, parameter, named):
        return "norm"
    if beside(key, "bias") not in named or parameter != "weight":
        for pattern, reason in _TABLES:
            if re.search(pattern, owner) and (parameter != "weight" or array.ndim == 2):
                return reason
    if re.search(_BUFFERS, parameter) or (parameter == "bias" and _is_a_mask(array)):
        return "buffer"
    if parameter in _WIDE_BIASES:
        return "bias"
    if parameter == "weight" and (array.ndim > 1 or beside(key, "bias") in named):
        return None  # no norm has a bias of another shape: the weights of a layer, flattened
    return _of_a_vector(parameter, owner) if is_vector(array) else None


_TABLES: tuple[tuple[str, Reason], ...] = (
    (_POSITIONS, "positional table"),
    (_TOKENS, "learned token"),
    (_LOOKUPS, "look-up"),
)


def _of_a_vector(parameter: str, owner: str) -> Reason:
    if re.search(_BIASES, parameter):
        return "bias"
    if re.search(r"norm|^ln|^bn|^gamma$", owner, re.IGNORECASE):
        return "norm"
    return "scale" if re.search(_SCALES, parameter) else "vector"


def _is_of_a_norm(key: str, parameter: str, named: Arrays) -> bool:
    """Tell weight and bias of a norm: running statistics, or weight and bias of one shape."""
    if parameter not in ("weight", "bias"):
        return False
    weight, bias = named.get(beside(key, "weight")), named.get(beside(key, "bias"))
    if beside(key, "running_mean") in named:
        return True
    return weight is not None and bias is not None and weight.shape == bias.shape


def _is_a_mask(array: NDArray[Any]) -> bool:
    """Tell a mask of attention, which GPT-2 calls a bias: a square of zeros and ones."""
    if array.ndim < 3 or not array.shape[-1] == array.shape[-2] > 1:
        return False
    return bool(np.isin(array, (0, 1)).all())
