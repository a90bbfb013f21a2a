"""Makes `confusables_table.py` from Unicode's data: which characters look like which Latin letters (UTS #39).

    python scripts/confusables.py confusables.txt > bot/core/word_filter/confusables_table.py

The file is https://www.unicode.org/Public/security/17.0.0/confusables.txt, or that of a later version.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

WIDTH = 96


def pairs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """A character and what it looks like."""
    for line in lines:
        data = line.partition("#")[0].split(";")
        if len(data) > 1:
            source, target = ("".join(chr(int(code, 16)) for code in column.split()) for column in data[:2])
            yield source, target


def letters(shape: str) -> str:
    """Plain letters: small, without accents and strokes."""
    decomposed = unicodedata.normalize("NFKD", shape).lower()
    return "".join(it for it in decomposed if not unicodedata.combining(it))


def table(lines: Iterable[str]) -> dict[str, str]:
    """By one or two Latin letters, all other characters that look like them; I and l are one shape."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for source, target in pairs(lines):
        plain, known = letters(target), letters(source).strip()
        taken_apart = known.isascii() and (known.isdigit() or (known != "" and len(plain) > 1))
        is_known = source.isascii() or known == plain or taken_apart or plain == "rn"
        if re.fullmatch("[a-z]{1,2}", plain) and not is_known:
            found[plain].add(source)
    return {plain: "".join(sorted(found[plain])) for plain in sorted(found)}


def literal(characters: str) -> Iterator[str]:
    """As many of them in a line as there is room for; what would turn the line about, by its number."""
    line = ""
    for character in characters:
        turns = unicodedata.bidirectional(character) in {"R", "AL", "AN"} or not character.isprintable()
        line += ascii(character)[1:-1] if turns else character
        if len(line) > WIDTH:
            yield line
            line = ""
    if line:
        yield line


def main() -> None:
    text = Path(sys.argv[1]).read_text(encoding="utf-8-sig")
    version = re.search(r"Version: ([\d.]+)", text)
    assert version is not None
    print('"""Characters that look like Latin letters. Made by `scripts/confusables.py`: not to be edited.\n')
    print(f"From confusables.txt {version[1]} of Unicode (UTS #39), © Unicode, Inc., under its terms of use,")
    print(
        "https://www.unicode.org/terms_of_use.html. Left out is what Unicode itself takes apart into such letters."
    )
    print('"""')
    print("\nfrom __future__ import annotations\n\n# fmt: off\nCONFUSABLES = {")
    for plain, characters in table(text.splitlines()).items():
        lines = list(literal(characters))
        if len(lines) == 1:
            print(f'    "{plain}": "{lines[0]}",')
        else:
            print(f'    "{plain}": (')
            for line in lines:
                print(f'        "{line}"')
            print("    ),")
    print("}")


if __name__ == "__main__":
    main()
