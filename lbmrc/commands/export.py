"""`lbmrc export`: a trained system as a folder ready for a hub, and as ONNX."""

import argparse
import sys
from pathlib import Path

from lbmrc.commands.arguments import add_model, check_model
from lbmrc.common.errors import UserError


def add(commands: argparse._SubParsersAction) -> None:
    """The command's arguments."""
    parser = commands.add_parser(
        "export",
        help="write a trained system as a folder ready for a hub",
        description="Write weights (safetensors), tokenizer, model card and calibration to a new "
        "folder.",
    )
    add_model(parser)
    parser.add_argument("folder", metavar="DIR", help="a new folder")
    parser.add_argument(
        "--onnx",
        action="store_true",
        help="write model.onnx too, checked and timed beside torch (needs lbmrc[onnx])",
    )
    parser.add_argument(
        "--int8", action="store_true", help="write model.int8.onnx too, with weights in 8 bits"
    )
    parser.set_defaults(run=_run, parser=parser)


def _run(arguments: argparse.Namespace) -> None:
    check_model(arguments.model, arguments.parser)
    if arguments.onnx or arguments.int8:
        from lbmrc.sharing.onnx_file import require_onnx

        require_onnx()  # before anything is written
    from lbmrc.sharing.export import export_folder

    for missing in export_folder(arguments.model, arguments.folder):
        print(f"lbmrc: {missing}", file=sys.stderr)
    if arguments.onnx or arguments.int8:
        _write_onnx(Path(arguments.folder), arguments.onnx, arguments.int8)
    for path in sorted(Path(arguments.folder).iterdir()):
        print(f"{path.stat().st_size / 2**20:10.1f} MiB  {path}")


def _write_onnx(folder: Path, keep: bool, int8: bool) -> None:
    """Both files are made from the float32 file, which is always checked."""
    from lbmrc.sharing.onnx_file import (
        MOST_DIFFERENCE,
        check_onnx,
        export_onnx,
        quantize,
        random_batches,
    )

    path = folder / "model.onnx"
    export_onnx(folder, path)
    batches = random_batches(folder)
    found = check_onnx(folder, path, batches)
    _tell("model.onnx", found)
    if not found.difference <= MOST_DIFFERENCE:
        path.unlink()
        raise UserError(f"{path}: removed, for it differs from torch by more than 1e-4")
    if int8:
        quantize(path, folder / "model.int8.onnx")
        _tell("model.int8.onnx", check_onnx(folder, folder / "model.int8.onnx", batches))
    if not keep:
        path.unlink()


def _tell(name: str, found) -> None:
    print(
        f"{name}: logits differ from torch's by {found.difference:.1e} at most; a batch takes "
        f"{found.onnx_seconds / found.torch_seconds:.2f} of torch's time (one thread)"
    )
