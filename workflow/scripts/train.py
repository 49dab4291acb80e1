"""Train one system on gold labels (Eq. 2)."""

from lbmrc.stage import run
from lbmrc.training_stage import ARGUMENTS, train_stage

if __name__ == "__main__":
    run(train_stage, __doc__, **ARGUMENTS)
