"""Schemas say what docstrings say."""

from pydantic import Field

from hwsim.yaml_file import StrictModel
from hwsim.yaml_schema import editor_hint, json_schema


class Base(StrictModel):
    """A base.

    Parameters
    ----------
    from_ : str
        What it reads.
    """

    from_: str = Field(default="", alias="from")


class Part(Base):
    """A part of
    two lines.

    More that editors do not show.

    Parameters
    ----------
    width, height : int
        Sizes, of the part:
        both [cells].
    said : str
        Not this.

    Notes
    -----
    other : str
        Not a parameter.
    """

    width: int
    height: int = 1
    said: str = Field(default="", description="What the field says itself.")
    other: str = ""


class Whole(StrictModel):
    """The file."""

    part: Part


def test_sections_and_keys_are_explained():
    schema = json_schema(Whole, "A title")
    assert next(iter(schema)) == "$schema"
    assert schema["title"] == "A title"
    assert schema["description"] == "The file."
    part = schema["$defs"]["Part"]
    assert part["description"] == "A part of two lines."
    assert {name: each.get("description") for name, each in part["properties"].items()} == {
        "from": "What it reads.",
        "width": "Sizes, of the part: both [cells].",
        "height": "Sizes, of the part: both [cells].",
        "said": "What the field says itself.",
        "other": None,
    }
    assert part["additionalProperties"] is False


def test_the_hint_is_that_of_the_yaml_language_server():
    assert editor_hint("a.json") == "# yaml-language-server: $schema=a.json"
