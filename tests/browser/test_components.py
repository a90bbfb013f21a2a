"""Every part of Discord's interface, drawn and used in a real Chromium, with a bot that uses each once."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from sandbox.bot_process import Start
from sandbox.discord.kit.request_body import RequestBody
from sandbox.page.environment import Environment, run_environment
from tests.browser.chromium import Tab

BESIDE = """() => {
    const menu = document.querySelector(".select[aria-expanded=true]").getBoundingClientRect();
    const list = document.querySelector(".popup").getBoundingClientRect();
    return Math.abs(list.top - menu.bottom) < 6 || Math.abs(list.bottom - menu.top) < 6;
}"""
pytestmark = pytest.mark.asyncio(loop_scope="module")
EVERYTHING = str(Path(__file__).with_name("everything_bot.py"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def environment(start: Start) -> AsyncIterator[Environment]:
    async with run_environment(command=(EVERYTHING,), start=start) as environment:
        await environment.bots.start("first")
        environment.discord.deadlines.first_response = 1.0
        yield environment


async def test_a_form_of_words_arrives_as_it_was_filled_in(tab: Tab) -> None:
    await tab.use("words")
    form = tab.page.get_by_role("dialog", name="Words and choices")
    await expect(form.get_by_label("Name")).to_be_focused()
    await tab.page.keyboard.type("X")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.locator(".field-error").nth(0)).to_have_text("Must be at least 2 characters.")
    await form.get_by_label("Name").fill("Ada")
    await form.get_by_label("Story").fill("Once")
    await form.get_by_label("large").check()
    await form.get_by_label("left").check()
    await form.get_by_label("top").check()
    await form.get_by_role("button", name="Submit").click()
    await tab.sees("name = Ada")
    content = tab.page.locator("#messages .content").last
    await expect(content).to_contain_text("story = Once")
    await expect(content).to_contain_text("size = large")
    await expect(content).to_contain_text("sides = ['left', 'top']")


async def test_a_form_tells_what_is_chosen_described_and_required(tab: Tab) -> None:
    await tab.use("words")
    form = tab.page.get_by_role("dialog", name="Words and choices")
    await expect(form.get_by_label("Story")).to_have_accessible_description("As long as you like")
    await expect(form.get_by_label("Name")).to_have_attribute("aria-required", "true")
    await expect(form.get_by_role("radiogroup", name="Size")).to_have_attribute("aria-required", "true")
    await expect(form.get_by_role("group", name="Sides (required)")).to_be_visible()
    await tab.page.keyboard.press("Escape")
    await tab.use("things")
    form = tab.page.get_by_role("dialog", name="Things to point at")
    menu = form.get_by_role("button", name="Colour")
    await expect(menu).to_have_accessible_name("Colour (required) Make a selection")
    await menu.click()
    await form.get_by_role("option", name="gold").click()
    await expect(menu).to_have_accessible_name(re.compile("gold$"))
    await tab.page.keyboard.press("Escape")


async def test_a_form_of_things_arrives_as_it_was_filled_in(tab: Tab, environment: Environment) -> None:
    await tab.use("things")
    form = tab.page.get_by_role("dialog", name="Things to point at")
    await form.get_by_role("button", name="Colour").click()
    await form.get_by_role("option", name="gold").click()
    await form.get_by_role("button", name="Who").click()
    await form.get_by_role("option", name="Bob").click()
    await form.get_by_role("option", name="Mia").click()
    await tab.page.keyboard.press("Tab")
    await form.get_by_role("button", name="Where").click()
    offered = form.get_by_role("option")
    await expect(offered).to_have_text(["#general", "#gallery", "#dragons only", "#after-dark"])
    await offered.nth(2).click()
    upload = {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"notes"}
    await form.get_by_label("A file").set_input_files(upload)  # type: ignore[arg-type]  # a FilePayload, as documented
    await form.get_by_label("Agreed").check()
    await form.get_by_role("button", name="Submit").click()
    await tab.sees("agreed = True")
    content = await tab.page.locator("#messages .content").last.text_content() or ""
    people = {one.user.name: str(one.user.id) for one in environment.demo.people}
    assert "colour = ['gold']" in content
    assert f"who = ['{people['Bob']}', '{people['Mia']}']" in content
    assert re.search(r"where = \['\d+'\]", content)
    assert re.search(r"file = \['\d+'\]", content)


async def test_the_answer_to_what_one_did_in_a_message_above_is_in_view(tab: Tab) -> None:
    await tab.use("menus")
    menu = tab.page.get_by_role("button", name="A role: nothing chosen").last
    await menu.wait_for()
    for number in range(6):
        await tab.say(f"line {number}\n" * 6)
    await menu.evaluate("menu => menu.scrollIntoView()")
    await expect(tab.page.locator("#to-newest")).to_be_visible()
    await menu.click()
    await tab.page.get_by_role("option", name="Moderator").click()
    answer = tab.page.locator("#messages .message").last
    await expect(answer).to_contain_text("role: Moderator")
    await expect(answer).to_be_in_viewport()


async def test_menus_offer_words_people_and_roles(tab: Tab) -> None:
    await tab.use("menus")
    message = tab.page.locator("#messages .message").last
    await message.get_by_role("button", name="Colours").click()
    await tab.page.get_by_role("option", name="tomato").click()
    await tab.page.get_by_role("option", name="orchid").click()
    await tab.page.get_by_role("button", name="Done").click()
    await tab.sees("colours: tomato, orchid")
    message = tab.page.locator("#messages .message", has_text="Choose").last
    await message.get_by_role("button", name="A role").click()
    await tab.page.get_by_role("option", name="Patron").click()
    await tab.sees("role: Patron")
    await message.get_by_role("button", name="Somebody").click()
    await tab.page.get_by_role("option", name="Bob").click()
    await tab.sees("somebody: Bob")


async def test_a_button_whose_bot_does_not_answer_has_failed(tab: Tab) -> None:
    await tab.go("gallery")
    await tab.use("menus")
    message = tab.page.locator("#messages .message", has=tab.page.get_by_role("button", name="Slow")).last
    await message.get_by_role("button", name="Slow").click()
    await expect(message.get_by_role("alert")).to_have_text("This interaction failed")
    await expect(message.get_by_role("button", name="Off")).to_be_disabled()
    await expect(message.get_by_role("link", name="A link")).to_have_attribute("href", "https://example.com/")
    before = await tab.page.locator("#messages .message").count()
    await message.get_by_role("button", name="Gone").click()
    await expect(tab.page.locator("#messages .message")).to_have_count(before - 1)


async def test_a_command_that_is_not_answered_says_so_to_its_member(tab: Tab) -> None:
    await tab.use("sulk")
    await tab.sees("The application did not respond")


async def test_what_is_on_its_way_or_failed_is_shown_to_its_member_alone(tab: Tab) -> None:
    await tab.use("sulk")
    await tab.be("Bob")
    await tab.page.wait_for_timeout(2000)
    await expect(tab.page.locator("#messages .pending")).to_have_count(0)
    await tab.be("Ada")
    await tab.sees("The application did not respond")
    await tab.page.get_by_role("button", name="Dismiss message").last.click()
    await expect(tab.page.locator("#messages .pending")).to_have_count(0)


async def test_a_command_that_discord_refuses_is_there_again_as_it_was_filled_in(
    tab: Tab, environment: Environment
) -> None:
    fleeting = environment.demo.tea_house.channel("fleeting")
    await tab.pick("options")
    await tab.page.keyboard.type("Oslo")
    await tab.page.get_by_role("button", name="+ where", exact=True).click()
    await tab.page.keyboard.type("fleet")
    await tab.page.get_by_role("listbox", name="Choices for where").get_by_role("option").first.click()
    environment.demo.tea_house.delete(fleeting)
    await expect(tab.page.get_by_role("button", name="fleeting")).to_have_count(0)
    await tab.page.get_by_role("button", name="Send command").click()
    await expect(tab.page.locator(".refusal").first).to_have_text("Ada does not see that channel")
    await expect(tab.page.get_by_role("combobox", name="city")).to_have_value("Oslo")


async def test_a_list_stays_at_its_menu_wherever_that_goes(tab: Tab, environment: Environment) -> None:
    await tab.go("gallery")
    await tab.use("menus")
    menu = tab.page.locator("#messages .select", has_text="Colours").last
    await menu.click()
    gallery, bob = environment.demo.tea_house.channel("gallery"), environment.demo.people[1].user
    for number in range(3):
        said = environment.discord.messages.new(gallery, bob)
        environment.discord.messages.add(said, RequestBody({"content": f"line {number}"}))
    await tab.sees("line 2")
    await tab.page.wait_for_function(BESIDE)
    await tab.page.keyboard.press("Escape")
    await expect(menu).to_be_focused()


async def test_a_list_with_nothing_in_it_says_so(tab: Tab) -> None:
    await tab.be("Finn")
    await tab.use("menus")
    await tab.page.locator("#messages .select", has_text="A role").last.click()
    await expect(tab.page.locator(".popup")).to_have_text("There is nothing to choose from here.")
    await tab.page.keyboard.press("ArrowDown")
    await tab.page.keyboard.press("Enter")
    await tab.page.keyboard.press("Escape")
    await expect(tab.page.locator(".popup")).to_have_count(0)


async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(tab: Tab, tmp_path: Path) -> None:
    await tab.pick("options")
    await tab.page.keyboard.type("Rome")
    await tab.page.get_by_role("button", name="+ file").click()
    (film := tmp_path / "film.bin").touch()
    os.truncate(film, 11 * 2**20)
    await tab.page.get_by_label("file", exact=True).set_input_files(film)
    await tab.page.get_by_role("button", name="Send command").click()
    told = "file: Your files are too powerful. The maximum file size here is 10 MB."
    await expect(tab.page.locator(".refusal").first).to_have_text(told)


async def test_a_list_that_the_bot_does_not_bring_has_failed(tab: Tab, environment: Environment) -> None:
    await tab.pick("options")
    await environment.bots.kill("first")
    await tab.page.keyboard.type("ber")
    choices = tab.page.get_by_role("listbox", name="Choices for city")
    await expect(choices).to_have_text("Loading options failed")
    await environment.bots.start("first")


async def test_somebody_who_is_in_no_list_can_be_chosen_by_their_id(
    tab: Tab, environment: Environment
) -> None:
    finn = next(one for one in environment.demo.people if one.user.name == "Finn")
    await tab.pick("options")
    await tab.page.keyboard.type("Rome")
    await tab.page.get_by_role("button", name="+ who", exact=True).click()
    await tab.page.keyboard.type(str(finn.user.id))
    offered = tab.page.get_by_role("listbox", name="Choices for who").get_by_role("option")
    await expect(offered).to_have_text([str(finn.user.id)])


async def test_a_layout_is_drawn_with_all_that_is_in_it(tab: Tab) -> None:
    await tab.use("layout")
    box = tab.page.locator("#messages .container").last
    await expect(box.locator(".heading-2")).to_have_text("A layout")
    await expect(box.locator("time")).to_have_text("January 1, 2030")
    await expect(box.locator(".gallery img")).to_have_count(3)
    await expect(box.locator(".thumbnail img")).to_have_attribute("alt", "Gold")
    await expect(box.get_by_role("separator")).to_have_count(1)
    await expect(box.get_by_role("link", name="notes.txt")).to_be_visible()
    await box.get_by_role("button", name="Press me").click()
    await tab.sees("pressed")


async def test_each_kind_of_option_has_its_field(tab: Tab) -> None:
    await tab.pick("options")
    page = tab.page
    await page.keyboard.type("ber")
    cities = page.get_by_role("listbox", name="Choices for city").get_by_role("option")
    await expect(cities).to_have_text(["Berlin", "Bergen", "Bern"])
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    for name, typed in (("ratio", "1.5"), ("loud", "Tr"), ("who", "Bo"), ("role", "Patr"), ("where", "gall")):
        await page.get_by_role("button", name=f"+ {name}", exact=True).click()
        await page.keyboard.type(typed)
        if name != "ratio":
            await page.get_by_role("listbox", name=f"Choices for {name}").get_by_role("option").first.click()
    await page.get_by_role("button", name="+ file").click()
    upload = {"name": "cat.txt", "mimeType": "text/plain", "buffer": b"cat"}
    await page.get_by_label("file", exact=True).set_input_files(upload)  # type: ignore[arg-type]  # as above
    await page.get_by_role("button", name="Send command").click()
    await tab.sees("['Bergen', 1.5, True, 'Bob', 'Patron', 'gallery'] cat.txt")


async def test_a_message_and_a_person_have_the_bots_commands_in_their_menus(tab: Tab) -> None:
    page = tab.page
    await tab.say("what a day")
    await tab.use_on(page.locator("#messages .message", has_text="what a day").last, "Who wrote this")
    await tab.sees("Ada wrote 'what a day'")
    await expect(page.locator("#messages .used").last).to_have_text("AAda used Who wrote this")
    await (
        page.locator("#messages .message", has_text="what a day")
        .last.get_by_role("button", name="Ada")
        .click()
    )
    await expect(page.get_by_role("menuitem", name="Apps")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("menuitem", name="Greet")).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("menuitem", name="Greet")).to_be_hidden()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await tab.sees("Hello @Ada")


async def test_a_spoiler_shows_nothing_before_it_is_clicked_and_then_stays_open(tab: Tab) -> None:
    await tab.use("spoiler")
    message = tab.page.locator("#messages .message").last
    cover = message.get_by_role("button", name="Spoiler: show the picture")
    await expect(cover).to_have_count(2)
    await expect(message).not_to_contain_text("ALT")
    assert await message.locator("[alt*=square], [title*=square]").count() == 0
    assert await tab.faults() == []
    await cover.first.click()
    shown = message.locator(".picture:not(.covered) img")
    await expect(shown).to_have_attribute("alt", "A tomato square")
    await message.get_by_role("button", name="Change the words").click()
    await expect(message.locator(".content")).to_have_text("Changed")
    await expect(cover).to_have_count(1)
    await tab.be("Mia")
    await expect(cover).to_have_count(2)


async def test_a_link_to_a_message_leads_to_it_and_a_mentioned_command_is_begun(
    tab: Tab, environment: Environment
) -> None:
    page = tab.page
    await tab.go("gallery")
    await tab.say("the one to find")
    target = page.locator("#messages .message", has_text="the one to find")
    for number in range(12):
        await tab.say(f"line {number}\n" * 6)
    channel = environment.demo.tea_house.channel("gallery")
    messages = environment.discord.messages.by_channel[channel.id].values()
    found = next(one for one in messages if one.content == "the one to find")
    await tab.go("general")
    await tab.say(
        f"look: https://discord.com/channels/{channel.guild_id}/{channel.id}/{found.id} </options:1>"
    )
    await page.get_by_role("link", name="#gallery › message").last.click()
    await expect(page.locator("#channel-name")).to_have_text("gallery")
    await expect(target).to_be_in_viewport()
    await tab.go("general")
    await page.locator("#messages").get_by_role("button", name="/options").last.click()
    await expect(page.locator(".command-chip")).to_have_text("/options")


async def test_what_counts_on_is_not_read_out_each_time(tab: Tab) -> None:
    await tab.use("count")
    await tab.sees("8 of 8")
    await expect(tab.page.locator("#live p", has_text="Done")).to_have_count(1)
    await expect(tab.page.locator("#live p", has_text="of 8")).to_have_count(1)


async def test_what_is_offered_as_it_was_typed_is_sent_at_once(tab: Tab) -> None:
    await tab.pick("options")
    await tab.page.keyboard.type("Bern")
    await expect(
        tab.page.get_by_role("listbox", name="Choices for city").get_by_role("option")
    ).to_have_count(1)
    await tab.page.keyboard.press("Enter")
    await tab.sees("['Bern', 1.0, False, None, None, None]")


async def test_forms_menus_and_options_can_be_used_by_everybody(tab: Tab) -> None:
    await tab.go("after-dark age-restricted")
    await tab.use("layout")
    await tab.sees("A layout")
    await tab.page.locator("#line").fill("/")
    assert await tab.faults() == []
    await tab.pick("options")
    assert await tab.faults() == []
    await tab.page.keyboard.press("Escape")
    await tab.page.keyboard.press("Escape")
    for form in ("words", "things"):
        await tab.use(form)
        await tab.page.get_by_role("dialog").wait_for()
        assert await tab.faults() == []
        await tab.page.keyboard.press("Escape")
