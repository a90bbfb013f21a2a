/** Keeps the newest message in view, until somebody goes away from it, in whatever way they go. */

import { byId } from "./dom.js";

const NEAR_THE_END = 120;
const GESTURES = ["wheel", "touchmove", "keydown", "pointerdown"];
const A_GESTURE_LASTS = 700;
const AN_ANSWER_TAKES = 2000;
let pinned = true;
let touched = -A_GESTURE_LASTS;
let seen = 0;
let answersDue = 0;

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

/** Layout moves the view as well, when a picture arrives or a drawer opens: that unpins nothing. But upwards it moves
 * no farther than to a new end; beyond that somebody went, by hand, by a search in the page, with a screen reader. */
function scrolled() {
  const { scrollTop, scrollHeight, clientHeight } = byId("scroller");
  const near = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  const byHand = performance.now() - touched < A_GESTURE_LASTS;
  if (near) pinned = true;
  else if (byHand || scrollTop < seen) pinned = false;
  else keepPinned();
  seen = byId("scroller").scrollTop;
  byId("to-newest").hidden = pinned;
}

export function keepPinned() {
  const scroller = byId("scroller");
  if (pinned) scroller.scrollTop = scroller.scrollHeight;
  seen = scroller.scrollTop;
}

/** Until `doing` has been answered, and a moment longer, a new message is the answer to what one just did. */
export async function showingAnswers(doing) {
  answersDue += 1;
  try {
    return await doing();
  } finally {
    setTimeout(() => (answersDue -= 1), AN_ANSWER_TAKES);
  }
}

/** A message has been added at the end. */
export function messageAdded() {
  if (answersDue) toTheEnd();
}

export function toTheEnd() {
  pinned = true;
  byId("to-newest").hidden = true;
  keepPinned();
}
