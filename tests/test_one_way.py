"""What discord.py offers and may be used in one place only, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
RESPONSES, REST = "bot/interactions/responses.py", "bot/interactions/rest_guard.py"
SENDING = "bot/interactions/sending.py"
FIRST_ANSWERS = {
    "defer",
    "send_message",
    "send_modal",
    "edit_message",
    "autocomplete",
    "pong",
    "launch_activity",
}
LATER_ANSWERS = {"edit_original_response", "original_response", "delete_original_response"}


def attributes(path: Path) -> Iterator[ast.Attribute]:
    tree = ast.parse(path.read_text("utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))


def around_the_one_way(path: Path) -> list[str]:
    """`x.response.defer`, `x.followup.send`, `x.edit_original_response`, whatever `x` is; and what hides them."""
    found = []
    for node in attributes(path):
        inner = node.value.attr if isinstance(node.value, ast.Attribute) else ""
        if (
            (inner == "response" and node.attr in FIRST_ANSWERS)
            or (inner == "followup" and node.attr == "send")
            or node.attr in LATER_ANSWERS | {"create_interaction_response", "_response_type"}
        ):
            found.append(f"{path.relative_to(REPOSITORY)}:{node.lineno}: {node.attr}")
    return found


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((REPOSITORY / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", sources("bot", "cogs"), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_interactions_are_answered_in_one_place_only(path: Path) -> None:
    found = around_the_one_way(path)
    assert not found or path == REPOSITORY / RESPONSES


def test_that_place_is_seen_by_this_test() -> None:
    used = {entry.rpartition(" ")[2] for entry in around_the_one_way(REPOSITORY / RESPONSES)}
    assert used >= {"defer", "send_message", "send_modal", "autocomplete", "send", "edit_original_response"}


MESSAGE_OPTIONS = {"content", "embed", "embeds", "file", "files", "attachments", "view", "components"}
"""What discord.py's ways of sending and editing have in common."""


@pytest.mark.parametrize("path", sources("bot", "cogs"), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_a_message_goes_out_as_one_value_and_never_option_by_option(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if called in {"send", "send_message", "edit", "edit_message", "edit_original_response", "reply"}:
            assert not MESSAGE_OPTIONS & {option.arg for option in node.keywords}, f"{path}:{node.lineno}"
        if called == "File":
            assert path == REPOSITORY / SENDING
        if called == "AllowedMentions" or ast.unparse(node.func).endswith("AllowedMentions.none"):
            assert path == REPOSITORY / "bot/ui/outgoing_message.py"


def test_requests_are_guarded_in_one_place_only() -> None:
    """Whoever makes a client of their own, or looks for discord.py's adapter, goes around the guard."""
    for path in sources("bot", "cogs"):
        names = {node.attr for node in attributes(path)}
        if path != REPOSITORY / REST:
            assert not names & {"_global_over", "async_context", "_HTTPClient__session"}, path
        if path != REPOSITORY / "bot/client/bot.py":
            assert "Client(" not in path.read_text("utf-8").replace("ImageClient(", "").replace(
                "AsyncClient(", ""
            ), path
