"""`python -m bench [--quick] [--only NAME]`: the bot beside the floor, the page beside an empty one, the bot with a
million pictures behind it beside itself, and the worst searches for blocked words. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio

from bench import figures, page, scale, words
from bench.figures import Figure, NotMeasured

# name: (measurement, rounds, rounds when quick)
MEASUREMENTS = {
    "acknowledgement": (figures.acknowledgement, 60, 15),
    "burst": (figures.burst, 9, 3),
    "crowd": (figures.crowd, 5, 1),
    "cpu": (figures.cpu, 9, 3),
    "memory": (figures.memory, 200, 30),
    "start": (figures.start, 5, 2),
    "page": (page.page, 5, 2),
    "scale": (scale.scale, 5, 2),
    "words": (words.words, 5, 2),
}
ROW = "{:<36} {:>10} {:>10} {:>18} {:>10}  {}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--only", choices=MEASUREMENTS, help="one measurement")
    chosen = parser.parse_args()
    print(ROW.format("figure", "floor", "bot", "difference", "at most", ""))
    for name, (measure, rounds, quick_rounds) in MEASUREMENTS.items():
        if chosen.only in (None, name):
            try:
                measured = asyncio.run(measure(quick_rounds if chosen.quick else rounds))
            except NotMeasured as reason:
                print(f"{name}: skipped, {reason}", flush=True)
            else:
                print(*map(as_row, measured), sep="\n", flush=True)


def as_row(figure: Figure) -> str:
    value = f"{figure.value:.2f} {figure.unit}"
    return ROW.format(
        figure.name, figure.floor, figure.bot, value, f"{figure.target:g}", "ok" if figure.holds else "MISSED"
    )


if __name__ == "__main__":
    main()
