/** Avatars: the bot's icon, or a letter on a colour for each person. */

import { h } from "./dom.js";
import { people } from "./store.js";

const HUES = 8;

/** The people of this page stand beside each other: each has a colour of their own. */
function hueOf(user) {
  const place = people().findIndex((one) => one.id === user.id);
  return (place < 0 ? Number(BigInt(user.id) % BigInt(HUES)) : place) % HUES;
}

export function avatar(user, kind = "") {
  const of = `avatar ${kind}`;
  if (user.bot) return h("img", { class: of, src: "/static/icon.svg", alt: "", width: 40, height: 40 });
  return h("span", { class: `${of} hue-${hueOf(user)}`, "aria-hidden": "true" }, user.name[0]);
}

export const initials = (name) =>
  name
    .split(/\s+/)
    .map((word) => word[0])
    .join("")
    .slice(0, 3);
