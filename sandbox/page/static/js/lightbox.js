/** A picture as large as the window, with its description. */

import { h, icon } from "./dom.js";

export function openLightbox(media, all = [media]) {
  let at = Math.max(0, all.indexOf(media));
  const image = h("img", {});
  const caption = h("p", { class: "lightbox-caption" });
  const close = h(
    "button",
    {
      type: "button",
      class: "icon-button lightbox-close",
      "aria-label": "Close",
      onclick: () => dialog.close(),
    },
    icon("close"),
  );
  const show = (by) => {
    at = (at + by + all.length) % all.length;
    image.src = all[at].url;
    image.alt = all[at].description ?? "a picture without a description";
    caption.textContent = [all.length > 1 ? `${at + 1} of ${all.length}` : "", all[at].description ?? ""]
      .filter(Boolean)
      .join(" · ");
  };
  const dialog = h(
    "dialog",
    {
      class: "lightbox",
      "aria-label": "Picture",
      onclose: () => dialog.remove(),
      onclick: (event) => event.target === dialog && dialog.close(),
    },
    close,
    image,
    caption,
    all.length > 1 &&
      h(
        "div",
        { class: "lightbox-steps" },
        step("Previous picture", "‹", () => show(-1)),
        step("Next picture", "›", () => show(1)),
      ),
  );
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(-1);
    if (event.key === "ArrowRight") show(1);
  });
  show(0);
  document.body.append(dialog);
  dialog.showModal();
}

const step = (label, sign, onclick) =>
  h("button", { type: "button", class: "icon-button", "aria-label": label, onclick }, sign);
