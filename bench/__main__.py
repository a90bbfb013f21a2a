"""`python -m bench [--quick] [--only NAME]`: the bot beside the baseline, the page beside an empty one, the bot with a
million pictures behind it beside itself, the worst searches for blocked words, searches of the gallery, and what
showing progress costs. Linux only.

`python -m bench structure [--list]`: the sizes of functions, the import cycles, and the functions and files that one
`/imagine` enters; `--list` names those in order.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from bench import gallery, imagine_trace, measurements, page, progress, scale, structure, words
from bench.measurements import Measurement, MeasurementSkipped

# name: (measurement, rounds, rounds when quick)
MEASUREMENTS = {
    "acknowledgement": (measurements.acknowledgement, 200, 100),
    "burst": (measurements.burst, 9, 3),
    "crowd": (measurements.crowd, 5, 1),
    "defaults": (measurements.defaults, 5, 2),
    "revision": (measurements.revision, 100, 20),
    "cpu": (measurements.cpu, 9, 3),
    "memory": (measurements.memory, 200, 30),
    "start": (measurements.start, 5, 2),
    "page": (page.page, 5, 2),
    "scale": (scale.scale, 5, 2),
    "words": (words.words, 5, 2),
    "gallery": (gallery.gallery, 9, 3),
    "progress": (progress.progress, 5, 2),
}
ROW = "{:<36} {:>10} {:>10} {:>18} {:>10}  {}"


def measure(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--only", choices=MEASUREMENTS, help="one measurement")
    chosen = parser.parse_args(arguments)
    print(ROW.format("figure", "baseline", "bot", "difference", "at most", ""))
    for name, (measurement, rounds, quick_rounds) in MEASUREMENTS.items():
        if chosen.only in (None, name):
            try:
                measured = asyncio.run(measurement(quick_rounds if chosen.quick else rounds))
            except MeasurementSkipped as reason:
                print(f"{name}: skipped, {reason}", flush=True)
            else:
                print(*map(as_row, measured), sep="\n", flush=True)


def as_row(figure: Measurement) -> str:
    value = f"{figure.value:.2f} {figure.unit}"
    return ROW.format(
        figure.name,
        figure.baseline,
        figure.bot,
        value,
        f"{figure.target:g}",
        "ok" if figure.holds else "MISSED",
    )


def show_structure(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="dev.py bench structure", description=structure.__doc__)
    parser.add_argument("--list", action="store_true", help="name what one /imagine enters")
    chosen = parser.parse_args(arguments)
    print(*structure.figures(), sep="\n", flush=True)
    entered = asyncio.run(imagine_trace.imagine())
    files = list(dict.fromkeys(file for file, _ in entered))
    print(f"one /imagine: {len(entered)} functions in {len(files)} files")
    if chosen.list:
        for file in files:
            print(file, *(f"    {name}" for where, name in entered if where == file), sep="\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["structure"]:
        show_structure(sys.argv[2:])
    else:
        measure(sys.argv[1:])
