"""Train one system on gold labels (Eq. 2)."""

from lbmrc.training.stage import run_training, train_stage

if __name__ == "__main__":
    run_training(train_stage, __doc__)
