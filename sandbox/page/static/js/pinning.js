/** Keeps the newest message in view, until somebody scrolls away from it by their own hand. */

import { byId } from "./dom.js";

const NEAR_THE_END = 120;
const GESTURES = ["wheel", "touchmove", "keydown", "pointerdown"];
const A_GESTURE_LASTS = 700;
let pinned = true;
let touched = -A_GESTURE_LASTS;

export function startPinning() {
  const scroller = byId("scroller");
  for (const gesture of GESTURES) {
    scroller.addEventListener(
      gesture,
      () => {
        touched = performance.now();
      },
      { passive: true },
    );
  }
  scroller.addEventListener("scroll", scrolled, { passive: true });
  new ResizeObserver(keepPinned).observe(byId("messages"));
  new ResizeObserver(keepPinned).observe(scroller);
  byId("to-newest").addEventListener("click", toTheEnd);
}

/** Layout moves the view as well, when a picture arrives or a drawer opens: that unpins nothing. */
function scrolled() {
  const scroller = byId("scroller");
  const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_THE_END;
  const byHand = performance.now() - touched < A_GESTURE_LASTS;
  if (near) pinned = true;
  else if (byHand) pinned = false;
  else keepPinned();
  byId("to-newest").hidden = pinned;
}

export function keepPinned() {
  const scroller = byId("scroller");
  if (pinned) scroller.scrollTop = scroller.scrollHeight;
}

export function toTheEnd() {
  pinned = true;
  byId("to-newest").hidden = true;
  keepPinned();
}
