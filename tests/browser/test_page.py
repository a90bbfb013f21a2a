"""The page in a real Chromium, with the real bot behind it: what people do, and what they then see."""

from __future__ import annotations

import io
import re
import sqlite3
from contextlib import closing

import pytest
from PIL import Image
from playwright.async_api import FilePayload, expect

from sandbox.discord.interactions.payloads import InteractionType
from sandbox.page.environment import Environment
from sandbox.page.samples import paint_samples
from tests.browser.chromium import Tab

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_member_imagines_and_sees_the_picture_its_footer_and_their_counter(tab: Tab) -> None:
    await tab.use("imagine", "a T-Rex relaxing on a beach")
    await tab.picture()
    message = tab.page.locator("#messages .message").last
    await expect(message.locator("blockquote")).to_have_text("a T-Rex relaxing on a beach")
    await expect(message.locator(".embed-footer")).to_contain_text("T-Rex")
    await expect(message.locator(".field-value")).to_contain_text(re.compile(r"\d+ of 10 images"))
    await expect(message.locator(".used")).to_have_text("AAda used /imagine")
    footer = await message.locator(".embed-footer").text_content()
    alt = await message.locator("img[alt]").last.get_attribute("title")
    assert footer == f"{alt}\nPainted by grok-2-image"


async def test_a_picture_opens_large_and_closes_with_escape(tab: Tab) -> None:
    await tab.go("gallery")
    await tab.imagine("foxes", 4)
    await tab.picture(3)
    await tab.page.locator("#messages .picture").nth(1).click()
    box = tab.page.get_by_role("dialog", name="Picture")
    await expect(box.locator(".lightbox-caption")).to_contain_text("2 of 4")
    await tab.page.keyboard.press("ArrowRight")
    await expect(box.locator(".lightbox-caption")).to_contain_text("3 of 4")
    await tab.page.keyboard.press("Escape")
    await expect(box).to_have_count(0)


async def test_the_newest_message_stays_in_view_until_somebody_scrolls(tab: Tab) -> None:
    await tab.go("gallery")
    for number in range(12):
        await tab.say(f"line {number}\n" * 6)
    await tab.page.get_by_role("button", name="Traffic").click()
    await tab.page.set_viewport_size({"width": 1100, "height": 600})
    newest = tab.page.locator("#messages .message").last
    await expect(newest).to_be_in_viewport()
    await tab.page.locator("#scroller").hover()
    await tab.page.mouse.wheel(0, -2000)
    await expect(newest).not_to_be_in_viewport()
    await tab.page.get_by_role("button", name="Jump to the newest").click()
    await expect(newest).to_be_in_viewport()


async def test_whatever_takes_one_upwards_the_view_stays_there(tab: Tab) -> None:
    await tab.go("gallery")
    for number in range(12):
        await tab.say(f"line {number}\n" * 6)
    await tab.page.reload()
    await tab.page.locator(".bot-ready").wait_for()
    first = tab.page.locator("#messages .message").first
    await first.evaluate("message => message.scrollIntoView()")
    await expect(tab.page.locator("#to-newest")).to_be_visible()
    await tab.be("Bob")
    await expect(tab.page.locator("#messages .message").last).to_be_in_viewport()
    await first.evaluate("message => message.scrollIntoView()")
    await expect(tab.page.locator("#to-newest")).to_be_visible()
    await tab.page.evaluate("document.querySelector('#live').append('news')")
    await expect(first).to_be_in_viewport()


async def test_what_was_typed_after_a_commands_name_becomes_its_first_words(tab: Tab) -> None:
    await tab.page.locator("#line").fill("/imagine a cat in a hat")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_label("prompt", exact=True)).to_have_value("a cat in a hat")
    await tab.page.keyboard.press("Enter")
    await tab.picture()
    message = tab.page.locator("#messages .message").last
    await expect(message.locator("blockquote")).to_have_text("a cat in a hat")


async def test_one_can_write_at_once_wherever_one_goes(tab: Tab) -> None:
    line = tab.page.locator("#line")
    await expect(line).to_be_focused()
    for name in ("Be Mia — Moderator: may manage the server", "gallery", "Tea House"):
        await tab.page.get_by_role("button", name=name, exact=True).click()
        await expect(line).to_be_focused()


async def test_what_is_typed_where_nothing_takes_it_lands_in_the_message_box(tab: Tab) -> None:
    line = tab.page.locator("#line")
    await tab.page.get_by_role("region", name="Messages").focus()
    await tab.page.keyboard.type("/us")
    await expect(line).to_have_value("/us")
    await line.fill("")
    await tab.page.get_by_role("button", name="Traffic").focus()
    await tab.page.keyboard.press("Space")
    await expect(tab.page.locator("#drawer")).to_be_visible()
    await expect(line).to_have_value("")
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.type("hm")
    await expect(line).to_have_value("hm")


async def test_an_option_is_added_by_typing_its_name_and_an_empty_command_left_by_backspace(tab: Tab) -> None:
    await tab.be("Olga")
    await tab.go("Night Kitchen")
    await tab.pick("limits set")
    await tab.page.keyboard.type("daily")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_label("daily", exact=True)).to_be_focused()
    await tab.page.keyboard.press("Backspace")
    await expect(tab.page.locator("#line")).to_have_value("/limits set")
    await expect(tab.page.locator(".command-form")).to_have_count(0)


async def test_a_choice_leads_on_to_the_next_required_option(tab: Tab) -> None:
    await tab.be("Olga")
    await tab.go("Night Kitchen")
    await tab.pick("limits member")
    await tab.page.keyboard.type("Olga")
    await tab.page.get_by_role("listbox", name="Choices for member").get_by_role("option").first.wait_for()
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_label("action", exact=True)).to_be_focused()
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("Escape")


async def test_the_way_to_the_newest_covers_nothing(tab: Tab) -> None:
    await tab.go("gallery")
    for number in range(12):
        await tab.say(f"line {number}\n" * 6)
    await tab.page.locator("#messages .message").first.evaluate("message => message.scrollIntoView()")
    button = await tab.page.get_by_role("button", name="Jump to the newest").bounding_box()
    messages = await tab.page.locator("#scroller").bounding_box()
    assert button is not None
    assert messages is not None
    assert button["y"] >= messages["y"] + messages["height"]


async def test_what_has_been_spent_is_read_beside_an_open_drawer(tab: Tab) -> None:
    await tab.use("imagine", "a kettle")
    await expect(tab.page.locator("#messages .message").last.locator("blockquote")).to_have_text("a kettle")
    await tab.page.get_by_role("button", name="Traffic").click()
    cut = "money => money.scrollWidth - money.clientWidth"
    assert await tab.page.locator("#money").evaluate(cut) == 0
    row = tab.page.locator(".traffic-row details").last
    await row.locator("summary").click()
    await expect(row.locator("pre")).to_be_in_viewport(ratio=0.2)


async def test_a_panel_is_read_out_with_what_it_says(tab: Tab) -> None:
    await tab.be("Mia")
    await tab.go("moderators")
    await tab.use("limits show")
    await expect(tab.page.locator("#live")).to_contain_text("Image limits")


async def test_whoever_opens_the_page_again_is_where_they_were(tab: Tab) -> None:
    await tab.be("Mia")
    await tab.go("moderators")
    await tab.page.reload()
    await expect(tab.page.locator("#channel-name")).to_have_text("moderators")
    await expect(tab.page.locator(".you-are strong")).to_have_text("Mia")


async def test_on_a_narrow_screen_the_places_keep_the_focus_until_they_are_closed(tab: Tab) -> None:
    page = tab.page
    await tab.go("after-dark age-restricted")
    await page.set_viewport_size({"width": 360, "height": 740})
    await expect(page.locator("#age")).to_be_visible()
    opener = page.get_by_role("button", name="Servers and channels")
    await opener.click()
    for _ in range(20):
        await page.keyboard.press("Tab")
        assert await page.evaluate("!document.querySelector('#room').contains(document.activeElement)")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await expect(page.locator("#places")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 800])
async def test_on_a_narrow_screen_one_sees_the_channel_beside_a_drawer(tab: Tab, width: int) -> None:
    await tab.page.set_viewport_size({"width": width, "height": 740})
    await tab.page.locator("#open-what-if").click()
    composer = await tab.page.locator("#composer").bounding_box()
    drawer = await tab.page.locator("#drawer").bounding_box()
    assert composer is not None
    assert drawer is not None
    assert composer["y"] + composer["height"] <= drawer["y"]
    await tab.say("I can still write")
    await expect(tab.page.locator("#messages .message").last).to_be_in_viewport()


async def test_what_discord_would_mark_red_is_red_and_sent_to_nobody(
    tab: Tab, environment: Environment
) -> None:
    def commands() -> int:
        return sum(
            one.kind == InteractionType.APPLICATION_COMMAND for one in environment.discord.interactions.all
        )

    before = commands()
    await tab.pick("imagine")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator(".refusal").first).to_contain_text("prompt: This option is required.")
    await tab.page.keyboard.type("a fox")
    await tab.page.get_by_role("button", name="+ images").click()
    await tab.page.keyboard.type("9")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.locator(".option-field.wrong")).to_contain_text("Enter a number between 1 and 4.")
    await tab.page.keyboard.press("Escape")
    assert commands() == before


async def test_a_refusal_is_for_the_refused_alone(tab: Tab) -> None:
    await tab.be("Bob")
    for prompt in ("four boats", "four bells"):
        await tab.imagine(prompt, 4)
        await tab.page.locator("#messages .message", has_text=prompt).locator(".gallery").wait_for()
    await tab.imagine("four birds", 4)
    refusal = tab.page.locator("#messages .ephemeral").last
    await expect(refusal).to_contain_text("Only you can see this")
    await expect(refusal).to_contain_text("That's 4 images, but you have only 2 left today")
    shown = await tab.page.locator("#messages .ephemeral").count()
    await tab.be("Mia")
    await expect(tab.page.locator("#messages .ephemeral")).to_have_count(0)
    await tab.be("Bob")
    await expect(tab.page.locator("#messages .ephemeral")).to_have_count(shown)
    await tab.page.get_by_role("button", name="Dismiss message").last.click()
    await expect(tab.page.locator("#messages .ephemeral")).to_have_count(shown - 1)


async def test_only_those_who_may_are_offered_a_moderators_command_and_channel(tab: Tab) -> None:
    offered = tab.page.locator("#composer .suggestions")
    await tab.page.locator("#line").fill("/limits")
    await expect(offered).to_contain_text("No command here matches that.")
    assert await tab.page.get_by_role("button", name="moderators", exact=True).count() == 0
    await tab.be("Mia")
    await tab.page.locator("#line").fill("/limits")
    await expect(offered).to_contain_text("/limits show")
    await tab.go("moderators")


async def test_a_moderators_change_in_the_panel_holds_for_the_next_command(tab: Tab) -> None:
    await tab.be("Olga")
    await tab.go("Night Kitchen")
    await tab.use("limits show")
    await tab.page.get_by_role("button", name="Member limits").click()
    form = tab.page.get_by_role("dialog", name="Limits per member")
    await form.get_by_label("Images per member per day").fill("1")
    await form.get_by_role("button", name="Submit").click()
    await expect(form).to_have_count(0)
    await tab.sees("Images per member per day")
    await tab.use("imagine", "a kettle")
    await tab.picture()
    await tab.use("imagine", "another kettle")
    await tab.sees("You've used your 1 image")
    await expect(tab.page.locator("#messages .message").last).to_have_class(re.compile("ephemeral"))


async def test_a_form_that_is_wrong_says_so_and_stays(tab: Tab) -> None:
    await tab.be("Mia")
    await tab.use("limits show")
    await tab.page.get_by_role("button", name="Set role limit").last.click()
    form = tab.page.get_by_role("dialog")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.locator(".field-error").first).to_have_text("This field is required.")
    await tab.page.keyboard.press("Escape")
    await expect(form).to_have_count(0)
    await expect(tab.page.get_by_role("button", name="Set role limit").last).to_be_focused()


async def test_what_is_typed_is_completed_by_the_bot(tab: Tab) -> None:
    await tab.be("Mia")
    await tab.pick("limits set")
    await tab.page.get_by_role("button", name="+ time_zone").click()
    await tab.page.keyboard.type("berl")
    choices = tab.page.get_by_role("listbox", name="Choices for time_zone")
    await expect(choices.get_by_role("option").first).to_contain_text("Berlin")
    await tab.page.keyboard.press("Enter")
    await expect(tab.page.get_by_role("combobox", name="time_zone")).to_have_value(re.compile("Berlin"))
    await tab.page.keyboard.press("Escape")


async def test_an_earlier_prompt_is_taken_only_where_somebody_chooses_it(tab: Tab) -> None:
    await tab.go("gallery")
    last = tab.page.locator("#messages .message blockquote").last
    earlier = tab.page.get_by_role("listbox", name="Choices for prompt").get_by_role("option")
    await tab.use("imagine", "an owl with a lantern")
    await expect(last).to_have_text("an owl with a lantern")
    await tab.pick("imagine")
    await expect(earlier.first).to_be_visible()
    await tab.page.keyboard.type("an owl")
    await expect(earlier).to_have_text(["an owl", "an owl with a lantern"])
    await tab.page.keyboard.press("Enter")
    await expect(last).to_have_text("an owl")
    await tab.pick("imagine")
    await tab.page.keyboard.type("lantern")
    await expect(earlier).to_have_text(["lantern", "an owl with a lantern"])
    await tab.page.keyboard.press("ArrowDown")
    await tab.page.keyboard.press("Enter")
    await tab.page.keyboard.press("Enter")
    await expect(last).to_have_text("an owl with a lantern")


async def test_the_bot_is_killed_in_the_middle_and_comes_back(tab: Tab, environment: Environment) -> None:
    assert environment.images is not None
    await tab.be("Bob")
    environment.images.latency = 30
    await tab.use("imagine", "a slow soup")
    await tab.sees("is thinking…")
    await tab.page.get_by_role("button", name="What if…").click()
    await tab.page.get_by_role("button", name="Kill it").click()
    await expect(tab.page.locator("#status")).to_contain_text("The bot is not running")
    let_the_lease_run_out(environment)
    environment.images.latency = 0.2
    await tab.page.get_by_role("button", name="Start it", exact=True).click()
    await tab.page.locator(".bot-ready").wait_for()
    await tab.sees("I was restarted while painting this. None of your images were used.")
    await tab.use("imagine", "a quick soup")
    await tab.picture()


def let_the_lease_run_out(environment: Environment) -> None:
    """As if the half a minute were over in which a killed bot's work is left to it."""
    with closing(sqlite3.connect(environment.bots.folder / "bot.db")) as database, database:
        database.execute("UPDATE generation SET lease_until = 0")


async def test_a_moderator_takes_a_message_away_from_everybody(tab: Tab) -> None:
    await tab.go("dragons only thread")
    await tab.say("dragons are not real")
    message = tab.page.locator("#messages .message", has_text="dragons are not real")
    await tab.be("Olga")
    await tab.go("dragons only thread")
    await tab.say("but they are")
    await tab.be("Ada")
    await tab.page.locator("#messages .message", has_text="but they are").click(button="right")
    await expect(tab.page.get_by_role("menuitem", name="Delete message")).to_have_count(0)
    await tab.page.keyboard.press("Escape")
    await tab.be("Mia")
    await message.click(button="right")
    await tab.page.get_by_role("menuitem", name="Delete message").click()
    await expect(message).to_have_count(0)


async def test_whoever_wrote_a_message_takes_it_away_again(tab: Tab) -> None:
    await tab.go("dragons only thread")
    await tab.say("I take that back")
    message = tab.page.locator("#messages .message", has_text="I take that back")
    await message.click(button="right")
    await tab.page.get_by_role("menuitem", name="Delete message").click()
    await expect(message).to_have_count(0)


async def test_an_answer_that_comes_after_the_15_minutes_comes_another_way(
    tab: Tab, environment: Environment
) -> None:
    assert environment.images is not None
    await tab.be("Olga")
    await tab.go("moderators")
    environment.images.latency = 2
    await tab.use("imagine", "a patient tortoise")
    await tab.sees("is thinking…")
    await tab.page.get_by_role("button", name="What if…").click()
    await tab.page.get_by_role("button", name="The 15 minutes are over").click()
    environment.images.latency = 0.2
    await tab.picture()


async def test_the_menu_of_a_message_is_seen_whole(tab: Tab) -> None:
    await tab.say("good evening")
    message = tab.page.locator("#messages .message").last
    await message.hover()
    around = await message.bounding_box()
    button = await message.get_by_role("button", name="More for the message by Ada").bounding_box()
    assert around is not None
    assert button is not None
    assert around["y"] <= button["y"]
    assert button["y"] + button["height"] <= around["y"] + around["height"]


async def test_a_direct_message_is_a_place_of_its_own(tab: Tab) -> None:
    await tab.be("Finn")
    await expect(tab.page.locator("#channel-name")).to_have_text("Imagine")
    await tab.say("hello there")
    await tab.sees("hello there")
    await tab.use("imagine", "a lonely whale")
    await tab.picture()


async def test_whoever_has_the_bot_for_themselves_uses_it_where_it_is_not_and_others_see_what_they_made(
    tab: Tab,
) -> None:
    picture = tab.page.locator("#messages .message", has_text="a well-read owl")
    await tab.be("Finn")
    await tab.go("Book Club")
    await tab.use("imagine", "a well-read owl")
    await expect(picture.locator(".gallery img")).to_have_count(1)
    await tab.be("Bob")
    await tab.go("Book Club")
    await expect(picture.locator(".used")).to_have_text("FFinn used /imagine")
    await tab.page.locator("#line").fill("/imagine")
    await expect(tab.page.locator("#composer .suggestions")).to_contain_text(
        "The bot offers no command here."
    )


async def test_where_members_may_use_no_bots_of_their_own_the_answer_is_theirs_alone(tab: Tab) -> None:
    await tab.be("Finn")
    await tab.go("Book Club")
    await tab.go("quiet-corner")
    await tab.use("imagine", "a quiet mouse")
    message = tab.page.locator("#messages .message", has_text="a quiet mouse")
    await expect(message.locator(".gallery img")).to_have_count(1)
    await expect(message.locator(".only-you")).to_be_visible()


async def test_people_write_to_each_other_and_one_of_them_uses_the_bot_between_them(tab: Tab) -> None:
    await tab.be("Bob")
    await tab.go("Direct messages")
    await tab.go("Finn")
    await tab.say("show me a harbour")
    await tab.be("Finn")
    await tab.go("Bob")
    await tab.sees("show me a harbour")
    await tab.use("imagine", "a harbour in the fog")
    await tab.be("Bob")
    await tab.go("Direct messages")
    await tab.go("Finn")
    message = tab.page.locator("#messages .message", has_text="a harbour in the fog")
    await expect(message.locator(".gallery img")).to_have_count(1)


async def test_what_people_write_is_text_and_nothing_else(tab: Tab) -> None:
    text = "<img src=x onerror=alert(1)> **bold** <script>alert(2)</script> [a](javascript:alert(3))"
    await tab.say(text)
    content = tab.page.locator("#messages .content").last
    await expect(content).to_contain_text("<img src=x onerror=alert(1)> bold <script>alert(2)</script>")
    assert await content.locator("img, script, a").count() == 0
    assert await content.locator("strong").text_content() == "bold"


async def test_the_first_screen_says_who_one_is_and_leads_to_three_things_to_try(tab: Tab) -> None:
    page = tab.page
    await expect(page.locator(".you-are")).to_contain_text("You are Ada")
    steps = page.get_by_role("region", name="Things to try")
    await steps.get_by_role("button", name="Paint a picture").click()
    await expect(page.get_by_label("prompt", exact=True)).to_have_value("a lighthouse in a storm")
    await steps.get_by_role("button", name="Be the moderator").click()
    await expect(page.locator(".you-are")).to_contain_text("You are Mia")
    await expect(page.locator(".command-chip")).to_have_text("/limits show")
    await steps.get_by_role("button", name="Break the image API").click()
    await expect(page.get_by_role("complementary", name="What if…")).to_be_visible()
    await page.keyboard.press("Escape")
    await steps.get_by_role("button", name="Hide the things to try").click()
    await page.reload()
    await page.locator(".bot-ready").wait_for()
    await expect(steps).to_be_hidden()


async def test_what_stands_below_a_picture_is_used_by_whoever_sees_it(tab: Tab) -> None:
    page, messages = tab.page, tab.page.locator("#messages .message:not(.ephemeral)")
    await tab.be("Olga")
    await tab.go("gallery")
    await tab.use("imagine", "a copper pan")
    picture = messages.filter(has_text="a copper pan").last
    await picture.locator(".gallery img").wait_for()
    await tab.be("Mia")
    await tab.go("gallery")
    await picture.get_by_role("button", name="Edit prompt").click()
    form = page.get_by_role("dialog")
    await expect(form.get_by_label("What do you want to see?")).to_have_value("a copper pan")
    await form.get_by_label("What do you want to see?").fill("a copper kettle")
    await form.get_by_role("button", name="Submit").click()
    changed = messages.filter(has_text="a copper kettle").last
    await expect(changed).to_contain_text("idea by @Olga")
    await changed.get_by_role("button", name="⋯").click()
    await page.locator("#messages .ephemeral .select").last.click()
    await page.get_by_role("option", name="Hide it behind a spoiler").click()
    await expect(changed.get_by_role("button", name="Spoiler: show the picture")).to_be_visible()
    await tab.use("gallery")
    link = page.get_by_role("link", name="Go to the message").first
    await link.wait_for()
    for scheme in ("dark", "light"):
        await page.evaluate("scheme => { document.documentElement.dataset.theme = scheme }", scheme)
        assert await tab.faults() == [], scheme
    await link.click()
    await expect(changed).to_be_in_viewport()
    assert await tab.faults() == []


async def test_pictures_of_the_bots_own_are_there_to_begin_with(tab: Tab, environment: Environment) -> None:
    await paint_samples(environment)
    await tab.go("gallery")
    await tab.picture()
    message = tab.page.locator("#messages .message", has_text="foxes in the snow").last
    await expect(message.locator(".used")).to_have_text("OOlga used /imagine")
    await expect(message.locator(".gallery img")).to_have_count(4)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_it_can_be_used_by_everybody(tab: Tab, scheme: str, width: int) -> None:
    await tab.be("Mia")
    await tab.use("limits show")
    await tab.sees("Image limits")
    if width < 1280:
        await tab.page.set_viewport_size({"width": width, "height": 740})
    await tab.page.evaluate("scheme => { document.documentElement.dataset.theme = scheme }", scheme)
    assert await tab.faults() == []
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await tab.page.evaluate(overflow) == 0
    await tab.page.locator("#open-what-if").click()
    assert await tab.faults() == []
    await tab.page.keyboard.press("Escape")
    await tab.page.get_by_role("button", name="Member limits").last.click()
    await tab.page.get_by_role("dialog").wait_for()
    assert await tab.faults() == []


async def test_a_chosen_file_is_shown_before_it_is_sent_and_then_in_the_message(tab: Tab) -> None:
    await tab.go("gallery")
    picture = io.BytesIO()
    Image.new("RGB", (30, 20), "teal").save(picture, "PNG")
    dot = FilePayload(name="dot.png", mimeType="image/png", buffer=picture.getvalue())
    await tab.page.locator("#message-files").set_input_files(dot)
    chosen = tab.page.locator(".box .file-preview img")
    await expect(chosen).to_have_attribute("alt", "dot.png")
    await tab.page.get_by_role("button", name="Remove the files").click()
    await expect(chosen).to_have_count(0)
    await tab.page.locator("#message-files").set_input_files(dot)
    await tab.say("a dot")
    message = tab.page.locator("#messages .message").last
    await expect(message.locator(".picture img")).to_have_js_property("naturalWidth", 30)
    await expect(chosen).to_have_count(0)


async def test_a_member_changes_a_picture_and_then_the_result_from_its_menu(tab: Tab) -> None:
    await tab.be("Olga")
    await tab.go("gallery")
    picture = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(picture, "PNG")
    given = FilePayload(name="sea.png", mimeType="image/png", buffer=picture.getvalue())
    await tab.pick("edit")
    await tab.page.keyboard.type("make it night")
    await tab.page.get_by_label("image", exact=True).set_input_files(given)
    await expect(tab.page.locator(".command-form .file-preview img")).to_have_attribute("alt", "sea.png")
    assert await tab.faults() == []
    await tab.page.get_by_role("button", name="Send command").click()
    message = tab.page.locator("#messages .message").last
    await expect(message.locator(".used")).to_have_text("OOlga used /edit")
    await expect(message.locator(".embed-thumbnail img")).to_have_js_property("naturalWidth", 256)
    await tab.use_on(message, "Edit this picture")
    await tab.page.get_by_label("What is to be changed, and how?").fill("add a moon")
    await tab.page.get_by_role("button", name="Submit").click()
    result = tab.page.locator("#messages .message", has_text="Asked for by @Olga")
    await expect(result.locator("blockquote")).to_have_text("add a moon")
    await expect(result.locator(".embed-thumbnail img")).to_have_js_property("naturalWidth", 256)
