"""Write a teacher's start and end logits on every window of the union D, or a shard of them.

With --shards it writes the one file of what other jobs have computed.
"""

from pathlib import Path

from lbmrc.common.shards import WHOLE, Shard
from lbmrc.distillation.write_logits import dump_logits, gather_logits
from lbmrc.model.checkpoint_files import trained_precision
from lbmrc.model.precision import precision_name
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.manifest import device_of_shards
from lbmrc.runtime.stage import run, state_folder


def main(args):
    if args.shards:
        summary = gather_logits(args.shards, args.target)
        return summary | {"device": device_of_shards(args.shard_manifests)}
    device = resolve(args.device)
    summary = dump_logits(
        args.model,
        args.windows,
        args.target,
        batch_size=args.batch_size,
        device=device,
        state=state_folder(args),
        shard=args.shard or WHOLE,
    )
    return summary | {
        "device": device,
        "precision": precision_name(device, trained_precision(args.model)),
    }


if __name__ == "__main__":
    run(
        main,
        __doc__,
        optional=("shard", "shards", "shard_manifests"),
        windows=[Path],
        model=Path,
        batch_size=int,
        device=str,
        shard=Shard.parse,
        shards=[Path],
        shard_manifests=[Path],
        target=Path,
    )
