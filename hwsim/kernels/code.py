"""LLVM assembly, written a line at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Code:
    """A function that is being written.

    Values that change live in variables; LLVM turns these into registers.

    Parameters
    ----------
    name : str
        Of the function.
    arguments : str
        Types and names: ``"ptr noalias %out, i64 %count"``.
    lanes : int
        Floats of a vector.
    """

    def __init__(self, name: str, arguments: str, lanes: int) -> None:
        self.vector = f"<{lanes} x float>"
        self.vector_bytes = 4 * lanes
        self._lanes = lanes
        self._head = f"define void @{name}({arguments}) {{\nentry:"
        self._variables: list[str] = []
        self._lines: list[str] = []
        self._count = 0

    def text(self) -> str:
        """Give the whole function."""
        return "\n".join([self._head, *self._variables, *self._lines, "  ret void\n}\n"])

    def do(self, line: str) -> None:
        """Write an instruction without a value."""
        self._lines.append(f"  {line}")

    def let(self, expression: str) -> str:
        """Write an instruction; returns the name of its value."""
        name = self._name("v")
        self.do(f"{name} = {expression}")
        return name

    def variable(self, kind: str, first: str) -> str:
        """Declare a variable and set it; returns the name of its place."""
        name = self._name("p")
        self._variables.append(f"  {name} = alloca {kind}")
        self.do(f"store {kind} {first}, ptr {name}")
        return name

    def at(self, base: str, offset: int | str) -> str:
        """Give the address so many bytes behind another."""
        return self.let(f"getelementptr i8, ptr {base}, i64 {offset}")

    def load(self, address: str, offset: int | str = 0) -> str:
        """Load an aligned vector."""
        place = self.at(address, offset)
        return self.let(f"load {self.vector}, ptr {place}, align {self.vector_bytes}")

    def store(self, value: str, address: str, offset: int | str = 0) -> None:
        """Store an aligned vector."""
        place = self.at(address, offset)
        self.do(f"store {self.vector} {value}, ptr {place}, align {self.vector_bytes}")

    def spread(self, address: str) -> str:
        """Load a float into all lanes."""
        one = self.let(f"load float, ptr {address}")
        first = self.let(f"insertelement {self.vector} poison, float {one}, i64 0")
        return self.let(
            f"shufflevector {self.vector} {first}, {self.vector} poison, "
            f"<{self._lanes} x i32> zeroinitializer"
        )

    def add(self, left: str, right: str) -> str:
        """Add two vectors."""
        return self.let(f"fadd {self.vector} {left}, {right}")

    def subtract(self, left: str, right: str) -> str:
        """Subtract a vector from another."""
        return self.let(f"fsub {self.vector} {left}, {right}")

    def multiply(self, left: str, right: str) -> str:
        """Multiply two vectors."""
        return self.let(f"fmul {self.vector} {left}, {right}")

    def integer(self, base: str, index: str) -> str:
        """Load one of an array of 64-bit integers."""
        address = self.let(f"getelementptr i64, ptr {base}, i64 {index}")
        return self.let(f"load i64, ptr {address}")

    def held(self, variable: str, kind: str = "ptr") -> str:
        """Give what a variable holds."""
        return self.let(f"load {kind}, ptr {variable}")

    def hold(self, value: str, variable: str, kind: str = "ptr") -> None:
        """Set a variable."""
        self.do(f"store {kind} {value}, ptr {variable}")

    def step(self, variable: str, offset: int | str) -> None:
        """Move an address that a variable holds."""
        self.hold(self.at(self.held(variable), offset), variable)

    @contextmanager
    def loop(self, count: int | str) -> Iterator[str]:
        """Repeat what is written inside; gives the number of the round, from 0."""
        index = self.variable("i64", "0")
        number = index.removeprefix("%p")
        some = self.let(f"icmp sgt i64 {count}, 0")
        self.do(f"br i1 {some}, label %body{number}, label %done{number}")
        self._lines.append(f"body{number}:")
        round_ = self.held(index, "i64")
        yield round_
        following = self.let(f"add i64 {round_}, 1")
        self.hold(following, index, "i64")
        more = self.let(f"icmp slt i64 {following}, {count}")
        self.do(f"br i1 {more}, label %body{number}, label %done{number}")
        self._lines.append(f"done{number}:")

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"%{kind}{self._count}"
