"""Values that are no quantity of a machine."""

from __future__ import annotations

from typing import Final

#: As YAML and JSON write them, by kind.
NEGATIVE: Final = ("-1", "-7", "-0.5", "-1e-300", "-4294967296", "-9223372036854775808")
NOT_FINITE: Final = (".nan", ".inf", "-.inf", "NaN", "Infinity", "1e999", "-1e999")
ZERO: Final = ("0", "0.0", "-0.0")
HUGE: Final = (
    *("1e308", "1.7976931348623157e308", "4294967296", "9007199254740993", "18446744073709551616"),
    *("100000000000000000000", "1" + "0" * 400, "0x" + "f" * 300),
)
SMALL: Final = ("1e-308", "5e-324", "0.5")
NUMBERS_OF_OTHERS: Final = (
    "1:30:00",
    "190:20:30",
    "0o17",
    "017",
    "1_000",
    "0b101",
    "+1",
    "1e3",
    "١٢",
)
WORDS: Final = (
    *('""', "x", '"-1"', '"nan"', "'1e308'", "int_add", '"a b"', "1 +", "2**9999", "9**9**9"),
    *(
        '"1 GHz"',
        '"-1 GHz"',
        '"0 nm"',
        '"1e9 nm"',
        "round(1,-999999999)",
        "pow(10,400)",
        "y" * 3000,
    ),
    *('"\\e[31mred\\e[0m"', '"two\\nlines"', '"=1+1"', '"../../x"', "/dev/zero", "/etc/passwd"),
    *('"$(id)"', '"%s%n"', '"{0}"', '"$x^{"', '"[bold]"', '"größe"', '"\\ud800"', '"\\0"', "<<"),
)
OTHER_KINDS: Final = (
    *(
        "true",
        "no",
        "null",
        "~",
        "[]",
        "{}",
        "[1, 2]",
        "{a: 1}",
        "[[[]]]",
        "!!binary aGk=",
        "2001-01-01",
    ),
    *("!!set {a}", "!!python/object/apply:os.system [id]", "&a [*a]", "*nothing", "!Component {}"),
)
DEEP: Final = ("[" * 400 + "]" * 400, "{a: " * 300 + "1" + "}" * 300)
ALL: Final = (
    *(*NEGATIVE, *NOT_FINITE, *ZERO, *HUGE, *SMALL, *NUMBERS_OF_OTHERS, *WORDS),
    *(*OTHER_KINDS, *DEEP),
)
#: What a command line is tried with: no quotes there.
ARGUMENTS: Final = tuple(
    dict.fromkeys(
        [
            *(text.strip("\"'") for text in ALL if "\\" not in text and text not in DEEP),
            *("", "-", "--", "=", ",", ":", "*", "!*", "[", "\x1b[31mred", "two\nlines", "."),
            *("0:1:0.0000000001", "1:0:-1", "0:1e308:1", "a=1=2", "-1x-1", "1e9x1e9", "..", "/"),
        ]
    )
)
