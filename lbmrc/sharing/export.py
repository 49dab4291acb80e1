"""A trained system as a folder ready for a hub: weights, tokenizer, card, reader's settings.

A copy of the workflow's results (the model's folder, and the calibration and card next to it) that
both `lbmrc.Reader` and plain transformers can read.
"""

import shutil
from pathlib import Path

from lbmrc.common.atomic import replacing
from lbmrc.common.errors import UserError
from lbmrc.evaluation.calibration import FILE
from lbmrc.evaluation.reader import calibration_file, model_folder
from lbmrc.model.checkpoint_files import check_weights, read_config, tokenizer_files

CARD = "README.md"


def export_folder(model: str | Path, target: str | Path) -> list[str]:
    """Write the folder atomically; returns a description of each missing part.

    Raises:
        UserError: if the model is missing, its weights are not safetensors, or the folder exists.
    """
    model, target = model_folder(model), Path(target)
    read_config(model)
    check_weights(model)
    weights = [*model.glob("*.safetensors"), *model.glob("*.safetensors.index.json")]
    if not weights:
        raise UserError(
            f"{model}: its weights are not in the safetensors format; save the model in it first"
        )
    if target.exists():
        raise UserError(f"{target}: exists already; name a new folder")
    calibration = calibration_file(model)
    card = next((path for path in _beside(model) if path.exists()), None)
    files = [model / "config.json", *weights, *tokenizer_files(model)]
    with replacing(target) as partial:
        partial.mkdir(parents=True)
        for path in {*files, *filter(None, (calibration, card))}:
            shutil.copy2(path, partial / path.name)
    missing = []
    if calibration is None:
        missing.append(f"no {FILE}: answers have no confidence")
    if card is None:
        missing.append(f"no {CARD}: the workflow writes the model card of each student")
    return missing


def _beside(model: Path) -> list[Path]:
    """Where the card may be: in the model's folder, or next to it, where the workflow writes it."""
    above = model.absolute()
    return [model / CARD, *([above.parent / CARD] if above.name == "model" else [])]
