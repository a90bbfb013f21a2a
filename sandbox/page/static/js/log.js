/** The bot's own log, line by line. */

import { h } from "./dom.js";
import { on } from "./store.js";
import { timeOfDay } from "./timestamps.js";

const MOST = 500;

export function logView() {
  const list = h("ol", { class: "log", tabindex: "0", "aria-label": "Log" });
  let last = 0;
  on("restart", () => {
    last = 0;
    list.replaceChildren();
  });
  on("log", (lines) => {
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    for (const line of lines.filter((one) => one.number > last)) {
      last = line.number;
      list.append(
        h(
          "li",
          { class: `log-line ${line.level.toLowerCase()}` },
          h("span", { class: "log-time" }, timeOfDay(line.at)),
          h("span", { class: "log-level" }, line.level),
          line.copy === "second" && h("span", { class: "log-copy" }, "second copy"),
          line.text,
        ),
      );
    }
    while (list.children.length > MOST) list.firstElementChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
  });
  return h("div", { class: "drawer-body column" }, list);
}
