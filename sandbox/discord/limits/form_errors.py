"""Everything wrong with a payload, in the nested shape of Discord's error 50035."""

from __future__ import annotations

from sandbox.discord.kit.errors import Json, RestError


def utf16_length(text: str) -> int:
    """How long Discord finds a text: in UTF-16 code units, so that one emoji is two."""
    return len(text) + sum(character > "\uffff" for character in text)


class FormErrors:
    """The errors of one payload, each at the path of its field."""

    def __init__(self) -> None:
        self._tree: Json = {}

    def add(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        node = self._tree
        for step in path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def raise_if_any(self) -> None:
        if self._tree:
            raise self.error()

    def error(self) -> RestError:
        return RestError(400, 50035, "Invalid Form Body", self._tree)

    def required(self, path: tuple[str | int, ...]) -> None:
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def check_text(
        self, path: tuple[str | int, ...], value: object, least: int, most: int, *, required: bool = True
    ) -> None:
        if value is None or (value == "" and least > 0):
            if required:
                self.required(path)
        elif not isinstance(value, str):
            self.add(path, "BASE_TYPE_STRING", "Value must be a string.")
        elif not least <= utf16_length(value) <= most and least > 0:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        elif utf16_length(value) > most:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def check_list(self, path: tuple[str | int, ...], value: object, most: int, least: int = 0) -> bool:
        """Whether it is a list that can be looked into."""
        if not isinstance(value, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return False
        if not least <= len(value) <= most:
            message = f"Must be between {least} and {most} in length."
            self.add(path, "BASE_TYPE_BAD_LENGTH", message)
        return True

    def check_url(self, path: tuple[str | int, ...], value: object, schemes: tuple[str, ...]) -> None:
        if not isinstance(value, str):
            self.required(path)
        elif not value.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            scheme = value.partition(":")[0]
            self.add(path, "URL_TYPE_INVALID_SCHEME", f'Scheme "{scheme}" must be one of {schemes}.')
        elif utf16_length(value) > 2048:
            self.add(path, "BASE_TYPE_MAX_LENGTH", "Must be 2048 or fewer in length.")
