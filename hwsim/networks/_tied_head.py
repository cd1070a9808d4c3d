"""The head of a language model that shares the weights of its embeddings, as config.json says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hwsim.inputs_read import note_input
from hwsim.networks.arrays.hints import is_token_table
from hwsim.networks.readers.protocol import Contents

_CONFIG: Final = "config.json"
_MAX_CONFIG_BYTES: Final = 10_000_000
_TIED: Final = "tie_word_embeddings"
#: What transformers calls the head, and endings of the architectures that have one.
_HEAD: Final = "lm_head.weight"
_WITH_A_HEAD: Final = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")


def with_tied_head(path: Path, contents: Contents) -> Contents:
    """Add the head that transformers does not save, because it is the table of the embeddings.

    Parameters
    ----------
    path : Path
        The file, the folder or the index that was read; ``config.json`` is looked for beside the
        weights.
    contents : Contents
        What they hold.

    Returns
    -------
    Contents
        With ``lm_head.weight`` and a note, if ``tie_word_embeddings`` is true for an architecture
        with a head, the weights have none and one table of tokens; else as given.
    """
    tables = [name for name in contents.tensors if is_token_table(name)]
    if len(tables) != 1 or any(name.endswith(_HEAD) for name in contents.tensors):
        return contents
    if not _says_tied(path if path.is_dir() else path.parent):
        return contents
    note = f"lm_head shares the weights of {tables[0]} ({_TIED} in {_CONFIG})"
    tensors = {**contents.tensors, _HEAD: contents.tensors[tables[0]]}
    return replace(contents, tensors=tensors, notes=(*contents.notes, note))


def _says_tied(folder: Path) -> bool:
    try:
        file = folder / _CONFIG
        if file.stat().st_size > _MAX_CONFIG_BYTES:
            return False
        note_input(file)
        config: Any = json.loads(file.read_bytes())
        architectures = [str(each) for each in config.get("architectures") or ()]
        # Of a model that sees, too, the part that writes has a section of its own.
        sections = (config, config.get("text_config") or {})
        tied = any(section.get(_TIED) is True for section in sections)
    except (OSError, ValueError, AttributeError, TypeError, RecursionError):
        return False  # no config of transformers
    return tied and any(each.endswith(_WITH_A_HEAD) for each in architectures)
