"""Writes the commands and the sentences of errors, as they are now, into their golden files; read the diff.

    python -m scripts.golden

`stored_formats.json` stays as it is: a change there breaks rows and buttons of the version before, and is made by hand.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.test_commands import GOLDEN as COMMANDS
from tests.test_commands import payload
from tests.ui.error_examples import examples
from tests.ui.test_error_messages import GOLDEN as SENTENCES
from tests.ui.test_error_messages import sentences


def main() -> None:
    write(COMMANDS, asyncio.run(payload()), indent=2)
    write(SENTENCES, {name: sentences(error) for name, error in examples().items()}, indent=1)


def write(path: Path, value: object, *, indent: int) -> None:
    text = json.dumps(value, indent=indent, sort_keys=True, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
