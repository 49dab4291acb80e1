"""Train one system on gold labels (Eq. 2) and masked phrases in turn (LAKM)."""

import json
from pathlib import Path

from lbmrc.backbone import load_tokenizer
from lbmrc.lakm import Phrases
from lbmrc.phrase_windows import read_phrase_windows
from lbmrc.settings import MaskingSettings
from lbmrc.training_stage import run_training, train_stage


def main(args):
    masking = MaskingSettings(**args.masking)
    mask_id = load_tokenizer(args.backbone).mask_token_id
    phrases = Phrases(read_phrase_windows(args.phrases), masking, mask_id)
    return train_stage(args, phrases=phrases)


if __name__ == "__main__":
    run_training(main, __doc__, phrases=[Path], masking=json.loads)
