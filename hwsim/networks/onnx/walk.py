"""Follow a graph in its order: shapes, constants, and every operator that multiplies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from hwsim.errors import InputError
from hwsim.networks.graphs.calls import Calls
from hwsim.networks.onnx.accounts import Accounts
from hwsim.networks.onnx.call import Call
from hwsim.networks.onnx.follower import Known
from hwsim.networks.onnx.inference import attributes_of, label, outputs_of
from hwsim.networks.onnx.loops import follow_loop, follow_scan
from hwsim.networks.onnx.measuring import Measured, Seen, streams, with_measured
from hwsim.networks.onnx.operators import TAKERS, WEIGHT_INPUTS, WITHOUT_MACS
from hwsim.networks.onnx.values import UnknownShape, Value
from hwsim.networks.uncounted import Uncounted


@dataclass(eq=False)
class Walk:
    """A walk through a graph and the graphs inside it.

    Parameters
    ----------
    opsets, ir_version
        Of the model.
    array, sparse : callable
        Read an array of the model, and one that is stored sparse.
    observed : mapping
        Values as a run of the graph gave them, where nothing else tells.
    skip : tuple of str
        Name patterns of operators that the user leaves out.
    measured : dict
        Zeros of tensors, where they were measured.
    seen : set
        Tensors that stream into layers, and how they lie.
    calls : Calls
        The layers, as they are called.
    accounts : Accounts
        What becomes of the file's arrays.
    unknown : dict
        Outputs of the outermost graph whose shape nothing told.
    needed : list of str
        Operators that could not be taken for that.
    """

    opsets: Mapping[str, int]
    ir_version: int
    array: Callable[[Any], Any]
    sparse: Callable[[Any], Any]
    observed: Mapping[str, Value] = field(default_factory=dict)
    skip: tuple[str, ...] = ()
    measured: dict[Seen, Measured] = field(default_factory=dict)
    seen: set[Seen] = field(default_factory=set)
    calls: Calls = field(default_factory=Calls)
    accounts: Accounts = field(default_factory=Accounts)
    unknown: list[str] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)
    left_out: list[Uncounted] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    used_patterns: set[str] = field(default_factory=set)
    _names: dict[str, str] = field(default_factory=dict)

    def graph(self, graph: Any, outer: Known, times: int = 1) -> list[Value]:
        """Follow a graph, and say what is known of its outputs.

        Parameters
        ----------
        graph : onnx.GraphProto
            The graph.
        outer : dict
            Its inputs, and what it sees of the graphs around it.
        times : int
            How often it is run.
        """
        known = dict(outer)
        for tensor in graph.initializer:
            known[tensor.name] = self._initial(tensor)
        for sparse in graph.sparse_initializer:
            known[sparse.values.name] = self._initial(sparse.values, self.sparse(sparse))
        for node in graph.node:
            outputs = self._node(node, known, times)
            known.update(zip(node.output, outputs, strict=True))
        return [known.get(each.name, Value(None)) for each in graph.output]

    def _initial(self, tensor: Any, array: Any = None) -> Value:
        if array is None:
            array = self.array(tensor)
        value = Value(array.shape, tensor.data_type, array, frozenset({tensor.name}))
        self.accounts.declare(tensor.name, value.known_shape)
        return value

    def _node(self, node: Any, known: Known, times: int) -> list[Value]:
        inputs = [known.get(name, Value(None)) if name else None for name in node.input]
        inside = _INSIDE.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        if inside is not None:
            outputs = inside(self, node, inputs, known, times)
        else:
            outputs = self._outputs(node, inputs)
            if not all(each.constant for each in outputs):
                self._take(node, inputs, outputs, times)
        return [self._with_observed(*pair) for pair in zip(node.output, outputs, strict=True)]

    def _outputs(self, node: Any, inputs: list[Value | None]) -> list[Value]:
        if node.op_type == "Constant" and node.domain in ("", "ai.onnx"):
            return self._constants(node)
        return outputs_of(node, inputs, self.opsets, self.ir_version)

    def _constants(self, node: Any) -> list[Value]:
        attributes = attributes_of(node)
        if "value" in attributes:
            array = self.array(attributes["value"])
            element = attributes["value"].data_type
            if array.ndim and array.dtype.kind == "f":
                self.accounts.declare(node.output[0], array.shape)
            return [Value(array.shape, element, array, frozenset({node.output[0]}))]
        (found,) = outputs_of(node, [], self.opsets, self.ir_version)
        return [replace(found, sources=frozenset({node.output[0]}))]

    def _with_observed(self, name: str, value: Value) -> Value:
        if value.shape is not None or not name:
            return value
        seen = self.observed.get(name)
        if seen is None:
            self.unknown.append(name)
            return value
        return seen

    def _take(
        self, node: Any, inputs: list[Value | None], outputs: list[Value], times: int
    ) -> None:
        key = ("" if node.domain == "ai.onnx" else node.domain, node.op_type)
        taker = TAKERS.get(key)
        name = self._name(node, inputs) if taker else _plain(node)
        if taker is None and key[0]:
            self._foreign(key, name, node, inputs, outputs)
        if taker is None:
            self.accounts.consumed(node.op_type, inputs)
            return
        outputs = [self._with_observed(*p) for p in zip(node.output, outputs, strict=True)]
        if any(value is not None and value.lost for value in inputs):
            raise InputError(
                f"layer {name!r}: its weights are made by an operator that onnx cannot compute; "
                "fold the constants of the model first (onnxsim, or onnxruntime's optimiser)"
            )
        call = Call(name, node.op_type, tuple(inputs), attributes_of(node), tuple(outputs))
        try:
            layers = taker(call)
        except (UnknownShape, InputError) as error:
            if self._skipped(name, outputs, 0):
                self.accounts.left_out(inputs)
                return
            if isinstance(error, InputError):
                raise
            self.needed.append(label(node))
            return
        if layers and self._skipped(name, outputs, times * sum(la.macs for la in layers)):
            self.accounts.left_out(inputs)
            return
        found = streams(call, layers, list(node.input), list(node.output)) if layers else []
        for layer, seen in zip(layers, found, strict=True):
            if seen is not None:
                self.seen.add(seen)
            self.calls.add(with_measured(layer, self.measured.get(seen) if seen else None), times)
        self.accounts.taken(node.op_type, inputs)

    def _foreign(
        self,
        key: tuple[str, str],
        name: str,
        node: Any,
        inputs: list[Value | None],
        outputs: list[Value],
    ) -> None:
        """Refuse an operator that nobody knows and that has weights."""
        weights = [v for v in inputs if v is not None and v.array is not None and v.array.ndim > 1]
        inner = key[1] in _INNER
        plain = key in WITHOUT_MACS or key[0] == "ai.onnx.ml"
        if not inner and (plain or not weights):
            return
        if self._skipped(name, outputs, 0):
            self.accounts.left_out(inputs)
            return
        raise InputError(
            f"operator {label(node)}: {key[0]}.{key[1]} has weights and is not known; export the "
            f"network without it, or leave it out with --skip {name!r}"
        )

    def _skipped(self, name: str, outputs: list[Value], macs: int) -> bool:
        fitting = [pattern for pattern in self.skip if fnmatchcase(name, pattern)]
        self.used_patterns.update(fitting)
        if fitting:
            shape = outputs[0].shape or ()
            self.left_out.append(Uncounted(name, shape, "skipped by the user", macs))
        return bool(fitting)

    def _name(self, node: Any, inputs: list[Value | None]) -> str:
        """Name a layer as its weights are called, if these have the name of a module's."""
        sources = [
            next(iter(value.sources))
            for index in WEIGHT_INPUTS.get(node.op_type, (1,))
            if index < len(inputs) and (value := inputs[index]) is not None
            if value.constant and len(value.sources) == 1
        ]
        own = _plain(node)
        if not sources:
            return own
        weight = sources[0]
        if weight not in self._names:
            stem = weight.removesuffix(".weight")
            self._names[weight] = stem if stem != weight else own
        return self._names[weight]

    def branches(
        self, node: Any, inputs: list[Value | None], known: Known, times: int
    ) -> list[Value]:
        """Follow ``If``: the branch that is taken, if the condition is known."""
        attributes = attributes_of(node)
        condition = inputs[0]
        if condition is not None and condition.array is not None:
            taken = bool(condition.array.reshape(-1)[0])
            return self.graph(attributes["then_branch" if taken else "else_branch"], known, times)
        found = [self.aside(attributes[each], known, times) for each in _BRANCHES]
        self.not_taken(
            node, max(aside.macs for _, aside in found), "its condition depends on the input"
        )
        return [
            one if (one.shape, one.element) == (other.shape, other.element) else Value(None)
            for one, other in zip(found[0][0], found[1][0], strict=True)
        ]

    def aside(self, graph: Any, known: Known, times: int) -> tuple[list[Value], Walk]:
        """Follow a graph that may not be run, apart from what is counted."""
        aside = replace(self, calls=Calls(), accounts=Accounts(), unknown=[], needed=[])
        aside._names = dict(self._names)
        aside.left_out, aside.notes = [], []
        outputs = aside.graph(graph, known, times)
        self.accounts.not_taken(aside.accounts)
        return [replace(each, sources=frozenset()) for each in outputs], aside

    @property
    def macs(self) -> int:
        """Multiply-accumulates of all layers so far."""
        return sum(layer.macs for layer in self.calls)

    def not_taken(self, node: Any, macs: int, reason: str, of: str = "") -> None:
        """List an operator with what it would multiply, if it does."""
        name = _plain(node)
        if not macs or self._skipped(name, [], macs):
            return
        self.left_out.append(Uncounted(name, (), "operator that was not taken", macs))
        self.notes.append(f"{node.op_type} {name!r}: {macs:,} MACs{of} are not counted: {reason}")


def _plain(node: Any) -> str:
    """Name an operator by itself, else by what it gives."""
    return str(next(filter(None, (node.name, *node.output)))).strip("/")


#: Operators whose weights are attributes, or whole networks.
_INNER = frozenset(
    {
        *("LinearClassifier", "LinearRegressor", "SVMClassifier", "SVMRegressor"),
        *("TRT_EngineOp", "EPContext"),
    }
)
_BRANCHES = ("then_branch", "else_branch")
_INSIDE: dict[str, Callable[..., list[Value]]] = {
    "If": Walk.branches,
    "Loop": follow_loop,
    "Scan": follow_scan,
}
