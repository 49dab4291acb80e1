"""Write the model card of a system: what it is, scores, licences, how to load it."""

import json
from pathlib import Path

from lbmrc.common.atomic import write_text
from lbmrc.common.json_io import read_json
from lbmrc.evaluation.calibration import read_calibration
from lbmrc.model.checkpoint_files import read_config
from lbmrc.runtime.stage import run
from lbmrc.sharing.card import model_card
from lbmrc.sharing.card_scores import cell_scores


def main(args):
    calibration = read_calibration(args.calibration[0]) if args.calibration else None
    card = model_card(
        args.about,
        read_config(args.model),
        cell_scores(args.questions),
        calibration,
        read_json(args.trained),
    )
    write_text(args.target, card)


if __name__ == "__main__":
    run(
        main,
        __doc__,
        optional=["calibration"],
        about=json.loads,
        model=Path,
        trained=Path,
        questions=Path,
        calibration=[Path],
        target=Path,
    )
