"""Train one system on gold labels (Eq. 2) and masked phrases in turn (LAKM)."""

import json
from pathlib import Path

from lbmrc.config.stages import MaskingSettings
from lbmrc.lakm.build_windows import read_phrase_windows
from lbmrc.lakm.masking import Phrases
from lbmrc.model.span_model import load_tokenizer
from lbmrc.training.stage import run_training, train_stage


def main(args):
    masking = MaskingSettings(**args.masking)
    mask_id = load_tokenizer(args.backbone).mask_token_id
    phrases = Phrases(read_phrase_windows(args.phrases), masking, mask_id)
    return train_stage(args, phrases=phrases)


if __name__ == "__main__":
    run_training(main, __doc__, phrases=[Path], masking=json.loads)
