"""Write a teacher's start and end logits on every window of the union D."""

from pathlib import Path

from lbmrc.distillation.logits import dump_logits
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.stage import run, state_folder


def main(args):
    return dump_logits(
        args.model,
        args.windows,
        args.target,
        batch_size=args.batch_size,
        device=resolve(args.device),
        state=state_folder(args),
    )


if __name__ == "__main__":
    run(main, __doc__, windows=[Path], model=Path, batch_size=int, device=str, target=Path)
