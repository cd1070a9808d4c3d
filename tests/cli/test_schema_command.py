"""``hwsim schema``: what the docs have, what shipped files are, and what a line on a key says."""

from pathlib import Path

import jsonschema
import pytest

from hwsim.cli.schema import SCHEMAS
from hwsim.yaml_file import YamlFile

CHECKOUT = Path(__file__).parents[2]
SHIPPED = {
    "machine": CHECKOUT / "arch_specs",
    "topology": CHECKOUT / "workloads",
    "table": CHECKOUT / "hwsim" / "energy" / "tables",
    "study": CHECKOUT / "examples" / "studies",
}
#: A machine that stands alone, as small as there is one.
ALONE = {
    "schema": 1,
    "name": "m",
    "title": "t",
    "source": "s",
    "engine": "sigma",
    "energy_table": "stonne",
    "parameters": {"num_ms": {"value": 4, "unit": "u", "minimum": 1, "maximum": 9, "meaning": "m"}},
    "components": [],
}


def keys_of(schema):
    """Every key that a schema knows, at any depth."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from properties.items()
        for each in schema.values():
            yield from keys_of(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from keys_of(each)


@pytest.mark.parametrize("kind", SCHEMAS)
class TestSchema:
    def test_the_one_in_the_docs_is_current(self, cli, kind):
        printed = cli("schema", kind)
        assert (printed.code, printed.err) == (0, "")
        docs = CHECKOUT / "docs" / f"{kind}.schema.json"
        command = f"hwsim schema {kind} > docs/{kind}.schema.json"
        assert docs.read_text(encoding="utf-8") == printed.out, command

    def test_it_is_of_the_draft_that_it_names(self, kind):
        schema = SCHEMAS[kind]()
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        jsonschema.Draft202012Validator.check_schema(schema)

    def test_editors_show_a_sentence_on_every_key(self, kind):
        keys = list(keys_of(SCHEMAS[kind]()))
        assert len(keys) > 10
        assert [name for name, each in keys if not each.get("description", "").endswith(".")] == []

    def test_what_hwsim_ships_fits(self, kind):
        files = sorted(SHIPPED[kind].glob("*.yaml"))
        assert files
        check = jsonschema.Draft202012Validator(SCHEMAS[kind]())
        for path in files:
            check.validate(YamlFile.read(path).data)


MACHINE = jsonschema.Draft202012Validator(SCHEMAS["machine"]())


def problems(data):
    return sorted(each.message for each in MACHINE.iter_errors(data))


def test_a_machine_that_stands_alone_has_all_keys():
    assert problems(ALONE) == []
    halved = {"num_ms": {"value": 4, "unit": "u", "minimum": 1, "maximum": 9}}
    assert problems({**ALONE, "parameters": halved}) == ["'meaning' is a required property"]
    (message,) = problems({**ALONE, "technology": {"node": "28 nm"}})
    assert message.startswith("{'node': '28 nm'} is not valid")
    assert "'name' is a required property" in problems({"schema": 1})


def test_one_that_extends_another_states_what_differs():
    ours = {"extends": "sigma", "parameters": {"num_ms": {"value": 4}}, "technology": {}}
    assert problems(ours) == []
    (message,) = problems({**ours, "parameters": {"num_ms": {"vlue": 4}}})
    assert "'vlue' was unexpected" in message


def test_a_wrong_key_is_refused():
    for schema in (each() for each in SCHEMAS.values()):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate({"nmae": "x"})


def test_an_unknown_kind_is_one_line(cli):
    outcome = cli("schema", "machines")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "error: unknown kind of file 'machines'; did you mean 'machine'?\n"
