"""The table of a run, and which way of training is the fastest exact one."""

from collections.abc import Iterable, Sequence
from typing import Any

from gpu.steps import Findings, Measurement

USUAL, TRAINING = "usual recipe", "lbmrc's training"
_UNITS = {
    "windows_per_second": "windows/s",
    "tokens_per_second": "tokens/s",
    "mfu": "MFU",
    "peak_gib": "GiB",
    "share_outside_the_model": "waits",
}


def rows_of(measured: Iterable[Measurement]) -> list[Measurement]:
    """The measurements of training steps, which are compared for exactness."""
    return [m for m in measured if "exact" in m]


def fastest(rows: Sequence[Measurement], shape: str, batch: int) -> Measurement | None:
    """The fastest of the steps that are exact and drop attention weights."""
    exact = [
        m
        for m in rows
        if m["exact"] and m["attention_dropout"] and (m["shape"], m["batch"]) == (shape, batch)
    ]
    return max(exact, key=lambda m: m["windows_per_second"], default=None)


def table(findings: Findings) -> str:
    """All rates, the machine, the fastest exact steps, and what was not measured."""
    gpu = findings.value("machine", "gpu")
    lines = [
        f"{gpu or findings.value('machine', 'processor')}, {findings.facts['scale']} sizes",
        f"{'':66}{'batch':>7}" + "".join(f"{unit:>11}" for unit in _UNITS.values()) + "  exact",
    ]
    for m in findings.measured:
        if m["name"] == "machine":
            continue
        if not _UNITS.keys() & m.keys():
            name, value = [(k, v) for k, v in m.items() if isinstance(v, float)][-1]
            lines.append(f"{m['name']:66}{value:.4g} {name}")
            continue
        title = f"{m['shape']}: {m['name']}" if "shape" in m else m["name"]
        numbers = "".join(f"{_shown(m.get(key), key):>11}" for key in _UNITS)
        lines.append(f"{title:66}{m.get('batch', ''):>7}{numbers}  {_exactness(m)}")
    lines += ["", *_fastest_of_each(findings.measured)]
    lines += [
        f"{s['step']}: {s['ended']} {s['reason']}" for s in findings.steps if s["ended"] != "done"
    ]
    return "\n".join(lines)


def _fastest_of_each(measured: Sequence[Measurement]) -> list[str]:
    rows = rows_of(measured)
    lines = []
    for shape, batch in dict.fromkeys((m["shape"], m["batch"]) for m in rows):
        best = fastest(rows, shape, batch)
        if best is None:
            lines.append(f"{shape}, batch {batch}: no exact step")
            continue
        usual = [
            m["windows_per_second"]
            for m in measured
            if m["name"].startswith(USUAL) and (m["shape"], m["batch"]) == (shape, batch)
        ]
        ratio = f", {best['windows_per_second'] / max(usual):.2f}x the usual" if usual else ""
        lines.append(f"{shape}, batch {batch}: the fastest exact step is {best['name']}{ratio}")
    return lines


def _shown(value: Any, key: str) -> str:
    if value is None:
        return ""
    return f"{value:.1%}" if key in ("mfu", "share_outside_the_model") else f"{value:,.4g}"


def _exactness(m: Measurement) -> str:
    if "exact" not in m:
        return ""
    return ("yes" if m["exact"] else "NO") + ("" if m["attention_dropout"] else ", no dropout")
