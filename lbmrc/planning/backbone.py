"""Does the backbone fit the config? Asked from its config.json alone, before the jobs are planned.

A hub checkpoint that is not fetched yet is not asked.
"""

from pathlib import Path

from lbmrc.config.schema import Config
from lbmrc.model.checkpoint_files import check_languages, check_length, check_phrase_masking


def check_backbone(config: Config) -> None:
    """See that the backbone knows the languages, and has positions and heads for what is trained.

    Raises:
        UserError: for what does not fit, or if a local folder holds no checkpoint.
    """
    folder = Path(config.checkpoint_folder(config.backbone))
    if config.backbone.folder is None and not (folder / "config.json").exists():
        return
    check_languages(folder, config.all_languages())
    check_length(folder, config.windows.max_length)
    if config.lakm and any(system.lakm for system in config.systems.values()):
        check_length(folder, config.lakm.masking.max_length, "lakm.masking.max_length")
        check_phrase_masking(folder)
