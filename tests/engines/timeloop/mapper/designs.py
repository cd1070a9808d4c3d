"""Small designs for the mapper's tests."""

from __future__ import annotations

from typing import Any


def architecture(
    pes: int = 8,
    columns: int = 4,
    spad: int = 64,
    glb: int = 2048,
    glb_extra: dict[str, Any] | None = None,
    spad_extra: dict[str, Any] | None = None,
    macs: int = 1,
) -> dict[str, Any]:
    """DRAM, GLB, Spad as in the golden set, PEs on a grid."""
    many = f"PE[0..{pes - 1}]"
    return {
        "version": 0.3,
        "subtree": [
            {
                "name": "system",
                "local": [
                    {
                        "name": "DRAM",
                        "class": "DRAM",
                        "attributes": {"width": 64, "block_size": 4, "word_bits": 16},
                    }
                ],
                "subtree": [
                    {
                        "name": "chip",
                        "local": [
                            {
                                "name": "GLB",
                                "class": "SRAM",
                                "attributes": {
                                    "depth": glb // 4,
                                    "width": 64,
                                    "block_size": 4,
                                    "word_bits": 16,
                                    **(glb_extra or {}),
                                },
                            }
                        ],
                        "subtree": [
                            {
                                "name": many,
                                "local": [
                                    {
                                        "name": "Spad",
                                        "class": "regfile",
                                        "attributes": {
                                            "depth": spad,
                                            "width": 16,
                                            "block_size": 1,
                                            "word_bits": 16,
                                            "meshX": columns,
                                            **(spad_extra or {}),
                                        },
                                    },
                                    {
                                        "name": f"MAC[0..{macs - 1}]" if macs > 1 else "MAC",
                                        "class": "intmac",
                                        "attributes": {"datawidth": 16, "meshX": columns * macs},
                                    },
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    }


def energy_table(pes: int = 8, wire: float = 0.0) -> dict[str, Any]:
    """Prices in pJ a block."""

    def table(name: str, read: float, write: float) -> dict[str, Any]:
        prices = {"read": read, "write": write, "update": write, "leak": 0.01}
        return {
            "name": name,
            "actions": [{"name": action, "energy": price} for action, price in prices.items()],
        }

    tables = [
        table("system.DRAM", 512.0, 500.0),
        table("system.chip.GLB", 24.0, 28.0),
        table(f"system.chip.PE[0..{pes - 1}].Spad", 1.2, 1.3),
        {
            "name": f"system.chip.PE[0..{pes - 1}].MAC",
            "actions": [{"name": "compute", "energy": 2.2}],
        },
    ]
    if wire:
        tables.append({"name": "wire", "actions": [{"name": "transfer_random", "energy": wire}]})
    return {"version": 0.3, "tables": tables}


def gemm(m: int = 16, n: int = 12, k: int = 8, **more: Any) -> dict[str, Any]:
    """Z = A B."""
    return {
        "shape": {
            "name": "GEMM",
            "dimensions": ["M", "N", "K"],
            "data_spaces": [
                {"name": "A", "projection": [[["M"]], [["K"]]]},
                {"name": "B", "projection": [[["K"]], [["N"]]]},
                {"name": "Z", "projection": [[["M"]], [["N"]]], "read_write": True},
            ],
        },
        "instance": {"M": m, "N": n, "K": k, **more},
    }


def convolution(stride: int = 1, dilation: int = 1, **bounds: int) -> dict[str, Any]:
    """A layer with sliding windows."""
    lengths = {"R": 3, "S": 3, "P": 8, "Q": 4, "C": 4, "K": 8, "N": 1} | bounds
    return {
        "shape": "cnn_layer",
        "instance": {
            **lengths,
            "Wstride": stride,
            "Hstride": stride,
            "Wdilation": dilation,
            "Hdilation": dilation,
        },
    }


def inputs(
    problem: dict[str, Any] | None = None,
    constraints: list[dict[str, Any]] | None = None,
    wire: float = 0.0,
    pes: int = 8,
    **design: Any,
) -> dict[str, Any]:
    """All inputs of the mapper."""
    found: dict[str, Any] = {
        "architecture": architecture(pes=pes, **design),
        "problem": gemm() if problem is None else problem,
        "ERT": energy_table(pes, wire),
    }
    if constraints is not None:
        found["mapspace_constraints"] = {"targets": constraints}
    return found
