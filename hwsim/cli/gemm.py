"""``hwsim gemm``: one GEMM from matrix files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwsim.cli.options import NoCacheOption
from hwsim.cli.request import MACHINE, takes_request
from hwsim.errors import InputError, one_line
from hwsim.inputs_read import note_input

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hwsim.studies import Request

_NPY_MAGIC = b"\x93NUMPY"


@takes_request(*MACHINE)
def gemm(
    *,
    mk: Annotated[
        Path | None, typer.Option(metavar="FILE.npy", help="Left matrix, M x K; its zeros count.")
    ] = None,
    kn: Annotated[
        Path | None, typer.Option(metavar="FILE.npy", help="Right matrix, K x N; its zeros count.")
    ] = None,
    columns: Annotated[
        int | None, typer.Option(metavar="N", help="Instead of --kn: N columns without zeros.")
    ] = None,
    rows: Annotated[
        int | None, typer.Option(metavar="M", help="Instead of --mk: M rows without zeros.")
    ] = None,
    request: Request,
    dataflow: Annotated[
        str, typer.Option(help="MK_STA_KN_STR or MK_STR_KN_STA: which matrix is stationary.")
    ] = "MK_STA_KN_STR",
    no_cache: NoCacheOption = False,
    json: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write all counts as JSON; - for standard output."),
    ] = None,
) -> None:
    """Simulate one GEMM, MK x KN, in the form of STONNE's results.

    Example: hwsim gemm --arch sigma --set num_ms=64 --mk mk.npy --kn kn.npy --json out.json
    """
    from hwsim import simulate_gemm
    from hwsim.cli.output import print_report, refuse_unwritable, wrote_json_alone
    from hwsim.reports.gemm_report import gemm_report

    refuse_unwritable(json)
    machine = request.load_arch()
    left = _operand("--mk", mk, "--rows", rows)
    right = _operand("--kn", kn, "--columns", columns)
    result = simulate_gemm(left, right, machine, dataflow)
    if not wrote_json_alone(json, result):
        print_report(gemm_report(result, machine, dataflow))


def _operand(
    file_option: str, file: Path | None, count_option: str, count: int | None
) -> NDArray[np.generic] | int:
    if file is not None and count is None:
        return _read_matrix(file)
    if file is not None or count is None:
        raise InputError(f"give either {file_option} FILE.npy or {count_option} COUNT")
    if count < 1:
        raise InputError(f"{count_option} must be at least 1, the GEMM would be empty. Got {count}")
    return count


def _read_matrix(file: Path) -> NDArray[np.generic]:
    """Read a matrix; a header that promises more than the file holds is found out unread."""
    import numpy as np

    from hwsim.networks.readers.npy import HEADER_BYTES, NpyHeader

    try:
        note_input(file)
        with file.open("rb") as content:
            head = content.read(HEADER_BYTES)
        if not head.startswith(_NPY_MAGIC):
            raise InputError(f"{file}: not a .npy file; write the matrix with numpy.save")
        header = NpyHeader.parse(head)
        found = file.stat().st_size - header.offset
        if header.data_bytes > found:
            raise ValueError(f"declares {header.data_bytes:,} bytes of data, but has {found:,}")
        matrix = np.load(file, mmap_mode="r", allow_pickle=False)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error
    except Exception as error:  # Python's parser, which numpy uses for headers, and mmap
        reason = one_line(error).rstrip(".")
        raise InputError(f"{file}: not a .npy file that can be used: {reason}") from error
    if matrix.ndim != 2 or matrix.size == 0:
        raise InputError(
            f"{file}: expected a matrix with rows and columns. Got shape {matrix.shape}"
        )
    if matrix.dtype.kind == "f" and not np.isfinite(matrix).all():
        raise InputError(f"{file}: holds NaN or infinite values")
    return np.asarray(matrix)
