"""The order in which layers probably run, where a file has sorted them by name."""

from __future__ import annotations

from typing import Final

from hwsim.networks.natural_order import natural_order

#: What networks begin and end with, as the first part of a name or the name of the layer itself.
_BEGIN: Final = {"embeddings", "patch_embed", "stem", "conv_in", "input_proj", "encoder"}
_END: Final = {
    *(
        "lm_head",
        "embed_out",
        "head",
        "heads",
        "classifier",
        "score",
        "logits",
        "cls",
        "qa_outputs",
    ),
    *("pooler", "generator", "output_projection"),
}
#: Parts of a block, in groups that run one after the other.
_STEPS: Final = (
    ("self_attn", "attn", "attention", "self_attention", "selfattention", "self"),
    ("q_proj", "query", "q", "wq", "c_attn", "qkv", "qkv_proj", "in_proj", "query_key_value"),
    ("k_proj", "key", "k", "wk"),
    ("v_proj", "value", "v", "wv"),
    ("o_proj", "out_proj", "o", "wo"),
    ("encoder_attn", "cross_attn", "crossattention", "encdecattention"),
    ("mlp", "feed_forward", "ffn", "intermediate", "densereludense"),
    ("gate_proj", "gate_up_proj", "w1", "fc1", "c_fc", "linear1", "dense_h_to_4h", "wi"),
    ("up_proj", "w3", "wi_1"),
    ("down_proj", "w2", "fc2", "c_proj", "linear2", "dense_4h_to_h", "output"),
)
_RANKS: Final = {name: rank for rank, names in enumerate(_STEPS) for name in names}


def likely_order(name: str) -> tuple[int, list[tuple[int, list[str | int]]]]:
    """Give a key to sort the names of layers by.

    What networks begin with comes first, heads come last; blocks are counted, and in a block
    attention comes before the layers that follow it, queries before keys and values.
    """
    parts = name.split(".")
    section = 1
    if {parts[0], parts[-1]} & _END:
        section = 2
    elif parts[0] in _BEGIN:
        section = 0
    return section, [(_RANKS.get(part.lower(), len(_STEPS)), natural_order(part)) for part in parts]
