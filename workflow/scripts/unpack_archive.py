"""Take the members that this run reads out of a published archive."""

from pathlib import Path

from lbmrc.data.download import unpack
from lbmrc.runtime.stage import run


def main(args):
    members = [str(member.relative_to(args.folder)) for member in args.members]
    unpack(args.archive, members, args.folder)


if __name__ == "__main__":
    run(main, __doc__, archive=Path, folder=Path, members=[Path])
