"""Checks, before the jobs are planned, that the backbone fits the config; reads only config.json.

A hub checkpoint that has not been fetched yet is not checked.
"""

from pathlib import Path

from lbmrc.config.schema import Config
from lbmrc.model.checkpoint_files import check_languages, check_length, check_phrase_masking


def check_backbone(config: Config) -> None:
    """Check that the backbone has the languages, positions and heads that the training needs.

    Raises:
        UserError: if something does not fit, or a local folder holds no checkpoint.
    """
    folder = Path(config.checkpoint_folder(config.backbone))
    if config.backbone.folder is None and not (folder / "config.json").exists():
        return
    check_languages(folder, config.all_languages())
    check_length(folder, config.windows.max_length)
    if config.lakm and any(system.lakm for system in config.systems.values()):
        check_length(folder, config.lakm.masking.max_length, "lakm.masking.max_length")
        check_phrase_masking(folder)
