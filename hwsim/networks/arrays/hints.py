"""What names tell of a network that its weights do not: notes for a reader of the results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from hwsim.networks.uncounted import Uncounted

#: Names that training libraries give to modules whose weights are floats until they are used.
_LATENT: Final = (
    (re.compile(r"(^|[./_])quant_(conv|dense|depthwise|separable|locally)"), "larq", "larq"),
    (re.compile(r"(^|[./])weight_quant\."), "brevitas", "brevitas-binary"),
    (re.compile(r"(^|[./])binary_(3x3|pw|conv)"), "ReActNet", "reactnet"),
    (re.compile(r"(^|[./])weight_fake_quant\."), "torch.ao.quantization", "dense:precision=int8"),
)
_TOKEN_TABLES: Final = re.compile(
    r"(^|[./])(wte|shared|embed_tokens|embed_in|tok_embeddings|token_embd|word_embeddings)\.weight$"
)
_BLOCK: Final = re.compile(r"^(.*?(?:layers|blocks|layer|block|h))[./](\d+)[./]")
_EXPERT: Final = re.compile(r"(^|[./])experts?[./](\d+)[./]")


def hints(
    names: Sequence[str], shapes: Mapping[str, tuple[int, ...]], others: Sequence[Uncounted]
) -> Iterator[str]:
    """Note latent weights, heads that share the weights of a look-up, missing blocks, and experts.

    Parameters
    ----------
    names : sequence of str
        Of all arrays of the file.
    shapes : mapping
        Of the weights, by layer.
    others : sequence of Uncounted
        What is no layer.
    """
    for pattern, library, scheme in _LATENT:
        if any(map(pattern.search, names)):
            yield (
                f"names of {library}: the weights may be the floats of training and not what runs; "
                f"--scheme {scheme} quantises them"
            )
    filters = {shape[0] for shape in shapes.values()}
    for each in others:
        if each.reason == "look-up" and is_token_table(each.name) and each.shape[0] not in filters:
            yield (
                f"no layer gives {each.shape[0]:,} outputs: if the head shares the weights of "
                f"{each.name}, --take '*{each.name}' counts it"
            )
    for blocks, numbers in _numbers(shapes).items():
        if min(numbers) > 1:
            yield f"{blocks} start at {min(numbers)}: is this file one part of several?"
    with_experts = [f"{name}." for name in shapes if "expert" in name]
    experts = {int(found[2]) for name in with_experts for found in _EXPERT.finditer(name)}
    if len(experts) > 1:
        yield (
            f"mixture of experts: all {len(experts)} are counted as if they ran; --skip leaves out "
            "those that a token does not take"
        )


def is_token_table(name: str) -> bool:
    """Tell a table of the embeddings of tokens, of which a head may have the weights."""
    return bool(_TOKEN_TABLES.search(name))


def _numbers(names: Iterable[str]) -> dict[str, set[int]]:
    """Give the numbers of blocks, by what they are called."""
    found: dict[str, set[int]] = {}
    for block in filter(None, map(_BLOCK.match, [f"{name}." for name in names])):
        found.setdefault(block[1], set()).add(int(block[2]))
    return found
