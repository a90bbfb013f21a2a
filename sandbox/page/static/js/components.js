/** The components of a message: buttons, select menus, and Components V2. */

import { Refused, sendAction } from "./connection.js";
import { h, icon } from "./dom.js";
import { fileCard, gallery, picture } from "./embeds.js";
import { markdown } from "./markdown.js";
import { link } from "./messagelinks.js";
import { openModal } from "./modal.js";
import { followingAnswers } from "./autoscroll.js";
import { showRefusal } from "./refusals.js";
import { select } from "./selectmenus.js";
import { viewKey } from "./store.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary", 6: "primary" };

export function components(list, message) {
  if (!list?.length) return null;
  return h(
    "div",
    { class: "components" },
    list.map((one) => component(one, message)),
  );
}

function component(one, message) {
  switch (one.type) {
    case 1:
      return h(
        "div",
        { class: "row" },
        one.components.map((inner) => component(inner, message)),
      );
    case 2:
      return button(one, message);
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
      return menu(one, message);
    case 9:
      return section(one, message);
    case 10:
      return h("div", { class: "text-display markdown" }, markdown(one.content));
    case 11:
      return h("div", { class: "thumbnail" }, picture(media(one), [media(one)]));
    case 12:
      return mediaGallery(one);
    case 13:
      return fileCard(one.file);
    case 14:
      return h("div", {
        class: `separator ${one.divider === false ? "bare" : ""} ${one.spacing === 2 ? "wide" : ""}`,
        role: one.divider === false ? null : "separator",
      });
    case 17:
      return container(one, message);
    default:
      return h("p", { class: "unknown" }, `A component of type ${one.type}, which this page does not draw`);
  }
}

const media = (one) => ({
  ...one.media,
  description: one.description ?? one.media.description,
  spoiler: one.spoiler,
});

function mediaGallery(one) {
  const all = one.items.map(media);
  return gallery(all);
}

function section(one, message) {
  return h(
    "div",
    { class: "section" },
    h(
      "div",
      { class: "section-text" },
      one.components.map((inner) => component(inner, message)),
    ),
    h("div", { class: "section-accessory" }, component(one.accessory, message)),
  );
}

function container(one, message) {
  const element = h(
    "div",
    { class: `container ${one.accent_color != null ? "accented" : ""}` },
    one.components.map((inner) => component(inner, message)),
  );
  if (one.accent_color != null)
    element.style.setProperty("--accent", `#${one.accent_color.toString(16).padStart(6, "0")}`);
  return element;
}

function button(one, message) {
  const inside = [emoji(one.emoji), one.label && h("span", {}, one.label)];
  if (one.style === 5)
    return link(
      /^https?:/.test(one.url) ? one.url : null,
      [inside, h("span", { class: "away", "aria-hidden": "true" }, "↗")],
      { class: "button secondary" },
    );
  const props = {
    type: "button",
    class: `button ${STYLES[one.style] ?? "secondary"}`,
    disabled: one.disabled,
    "aria-label": one.label ? null : one.emoji?.name,
    data: { control: one.custom_id },
    onclick: (event) =>
      useComponent(event.currentTarget, message, () =>
        sendAction("press", { message: message.id, component: one.custom_id }),
      ),
  };
  return h("button", props, inside);
}

function emoji(one) {
  if (!one) return null;
  return h("span", { class: "emoji", "aria-hidden": "true" }, one.id ? `:${one.name}:` : one.name);
}

function menu(one, message) {
  const element = select(one, (values) =>
    useComponent(element, message, () => sendAction("choose", { message: message.id, component: one.custom_id, values })),
  );
  return element;
}

/** Marks the control busy until the bot has responded; if it does not, the message says so. */
async function useComponent(control, message, doing) {
  control.setAttribute("aria-busy", "true");
  control.closest("li")?.querySelector(".interaction-failed")?.remove();
  const begun = viewKey();
  try {
    const answer = await followingAnswers(doing);
    if (answer.state === "no answer") showFailure(control);
    if (answer.modal && begun === viewKey()) openModal(answer.modal, control);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (begun === viewKey()) showRefusal(error.message);
  } finally {
    control.removeAttribute("aria-busy");
  }
}

function showFailure(control) {
  const line = h(
    "p",
    { class: "interaction-failed", role: "alert" },
    icon("close"),
    "This interaction failed",
  );
  (control.closest(".message-main") ?? document.body).append(line);
}
