"""Train one system on gold labels (Eq. 2) and masked phrases in turn (LAKM)."""

import json
from pathlib import Path

from lbmrc.backbone import load_tokenizer
from lbmrc.devices import resolve
from lbmrc.lakm import Phrases
from lbmrc.phrase_windows import read_phrase_windows
from lbmrc.settings import MaskingSettings, TrainingSettings
from lbmrc.stage import run, state_folder
from lbmrc.training import train
from lbmrc.windows import identity, read_windows


def main(args):
    masking = MaskingSettings(**args.masking)
    mask_id = load_tokenizer(args.backbone).mask_token_id
    return train(
        args.backbone,
        read_windows(args.windows),
        TrainingSettings(**args.training),
        seed=args.seed,
        device=resolve(args.device),
        model=args.model,
        metrics=args.metrics,
        state=state_folder(args),
        phrases=Phrases(read_phrase_windows(args.phrases), masking, mask_id),
        window_settings=identity(args.windows[0])["windows"],
    )


if __name__ == "__main__":
    run(
        main,
        __doc__,
        windows=[Path],
        phrases=[Path],
        masking=json.loads,
        backbone=Path,
        training=json.loads,
        seed=int,
        device=str,
        model=Path,
        metrics=Path,
    )
