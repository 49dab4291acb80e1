"""Train one system on gold labels (Eq. 2) and masked phrases in turn (LAKM)."""

import json
from pathlib import Path

from lbmrc.config.stages import MaskingSettings
from lbmrc.lakm.phrase_window_files import read_phrase_windows
from lbmrc.lakm.task import Lakm
from lbmrc.model.checkpoint_files import load_tokenizer
from lbmrc.training.stage import run_training, train_stage


def main(args):
    lakm = Lakm(
        read_phrase_windows(args.phrases),
        MaskingSettings(**args.masking),
        mask_id=load_tokenizer(args.backbone).mask_token_id,
        backbone=args.backbone,
        batch_size=args.training["batch_size"],
        seed=args.seed,
    )
    return train_stage(args, lakm.make_task)


if __name__ == "__main__":
    run_training(main, __doc__, phrases=[Path], masking=json.loads)
