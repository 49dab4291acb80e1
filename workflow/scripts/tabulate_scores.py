"""Write the tables, the paper's figures beside ours, and what the run prints at its end."""

import json
from pathlib import Path

import pandas as pd

from lbmrc.report.devices_note import devices_note
from lbmrc.report.left_out_note import left_out_note
from lbmrc.report.paper_tables import collect
from lbmrc.report.summary import locations, main_table
from lbmrc.report.table_formats import render_terminal, write_tables
from lbmrc.runtime.stage import run


def funnel_line(path):
    funnel = json.loads(path.read_text(encoding="utf-8"))
    lost = ", ".join(f"{count} {reason}" for reason, count in funnel["lost"].items()) or "none"
    share = funnel["kept"] / funnel["questions"]
    return (
        f"  {funnel['language']}: {funnel['kept']} of {funnel['questions']} answers recovered "
        f"({share:.1%}) by {funnel['engine']}; lost: {lost}"
    )


def main(args):
    files = [
        args.systems / f"{system}/seed-{seed}/scores/{'.'.join(cell)}.json"
        for system, seed in args.runs
        for cell in args.cells
    ]
    scores = collect(files)
    published, comparisons = args.same_data_as_paper, pd.read_csv(args.comparisons)
    note = " ".join(filter(None, [devices_note(args.manifests), left_out_note(files)]))
    write_tables(args.folder, scores, published, args.tables, comparisons, note)
    every = render_terminal(scores, published, args.tables, comparisons=comparisons, note=note)
    lines = [every, "Translated answers", *map(funnel_line, args.recovery)]
    (args.folder / "tables.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    main = main_table(scores, published, args.tables, comparisons, note)
    text = f"{main}\n{locations(args.folder.parent)}"
    (args.folder / "summary.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    run(
        main,
        __doc__,
        optional=["manifests"],
        manifests=[Path],
        systems=Path,
        runs=json.loads,
        cells=json.loads,
        recovery=[Path],
        comparisons=Path,
        tables=[int],
        same_data_as_paper=json.loads,
        folder=Path,
    )
