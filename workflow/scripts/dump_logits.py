"""Write a teacher's start and end logits on every window of the union D."""

from pathlib import Path

from lbmrc.distillation.write_logits import dump_logits
from lbmrc.model.checkpoint_files import trained_precision
from lbmrc.model.precision import precision_name
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.stage import run, state_folder


def main(args):
    device = resolve(args.device)
    summary = dump_logits(
        args.model,
        args.windows,
        args.target,
        batch_size=args.batch_size,
        device=device,
        state=state_folder(args),
    )
    return summary | {
        "device": device,
        "precision": precision_name(device, trained_precision(args.model)),
    }


if __name__ == "__main__":
    run(main, __doc__, windows=[Path], model=Path, batch_size=int, device=str, target=Path)
