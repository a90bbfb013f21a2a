/** The files that somebody has chosen, before they are sent: pictures as themselves, others by name. */

import { h, icon, setChildren } from "./dom.js";

/** With `remove`, a button takes all of them away again. */
export function showPreviews(place, files, remove) {
  for (const image of place.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  const shown = [...files].map((file) =>
    file.type.startsWith("image/")
      ? h("img", { src: URL.createObjectURL(file), alt: file.name, title: file.name })
      : h("span", { class: "file-name" }, file.name),
  );
  const away =
    remove &&
    shown.length > 0 &&
    h(
      "button",
      { type: "button", class: "icon-button", title: "Remove", "aria-label": "Remove the files", onclick: remove },
      icon("close"),
    );
  setChildren(place, shown, away);
}
