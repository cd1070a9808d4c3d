"""What training libraries do to their latent weights, as schemes of ours under the library's name.

A file of such a library often holds the latent floats and not what the network computes with; the
preset quantises them as the library does.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Preset(NamedTuple):
    """A scheme under the name of a library or a paper.

    Parameters
    ----------
    scheme : str
        The scheme in its text form.
    source : str
        The quantiser that it stands for, and where that is written down.
    """

    scheme: str
    source: str


PRESETS: Final[dict[str, Preset]] = {
    "xnor-net": Preset(
        "binary",
        "sign(w) mean(abs(w)) of each filter; Rastegari et al., ECCV 2016, section 3.1",
    ),
    "reactnet": Preset(
        "binary",
        "sign(w) mean(abs(w)) of each filter; Liu et al., ReActNet, ECCV 2020, HardBinaryConv of "
        "its released code",
    ),
    "larq": Preset(
        "binary:scale=one",
        "ste_sign: +1 for w >= 0, else -1; Geiger and Team, Larq, JOSS 5(45), 2020",
    ),
    "larq-magnitude": Preset(
        "binary",
        "magnitude_aware_sign: sign(w) mean(abs(w)) of each filter; Larq, after Bi-Real Net, "
        "ECCV 2018",
    ),
    "larq-ternary": Preset(
        "ternary",
        "ste_tern with ternary_weight_networks=True: beyond 0.7 mean(abs(w)) of the layer; Larq, "
        "after Li, Zhang, Liu, 2016",
    ),
    "brevitas-binary": Preset(
        "binary:scale=one",
        "BinaryQuant: +1 for w >= 0, else -1, times one constant scale; Brevitas, "
        "SignedBinaryWeightPerTensorConst",
    ),
    "bitnet": Preset(
        "ternary:factor=0.5,scale=absmean",
        "w over mean(abs(w)) of the layer, rounded and clipped to -1, 0, 1; Ma et al., BitNet "
        "b1.58, 2024 (arXiv 2402.17764), equations 1 to 3",
    ),
}


def plain_text(text: str) -> str:
    """Write a preset as the scheme that it is; parameters that are given come after its own.

    Parameters
    ----------
    text : str
        ``"bitnet"``, ``"bitnet:scale=one"``; any other text comes back as it is.
    """
    name, colon, given = text.partition(":")
    preset = PRESETS.get(name.strip().lower().replace("_", "-"))
    if preset is None:
        return text
    kind, _, own = preset.scheme.partition(":")
    said = {part.partition("=")[0].strip() for part in given.split(",")} if colon else set()
    kept = [part for part in own.split(",") if part and part.partition("=")[0] not in said]
    parts = ",".join([*kept, *([given] if colon else [])])
    return f"{kind}:{parts}" if parts else kind
