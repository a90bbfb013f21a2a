/** Keeps the newest message in view until somebody scrolls away from it. */

import { byId } from "./dom.js";

const NEAR_THE_END = 120;
const GESTURES = ["wheel", "touchmove", "keydown", "pointerdown"];
const GESTURE_MS = 700;
const ANSWER_MS = 2000;
let followsEnd = true;
let lastGesture = -GESTURE_MS;
let lastScrollTop = 0;
let answersDue = 0;

export function startAutoscroll() {
  const scroller = byId("scroller");
  for (const gesture of GESTURES) {
    scroller.addEventListener(
      gesture,
      () => {
        lastGesture = performance.now();
      },
      { passive: true },
    );
  }
  scroller.addEventListener("scroll", onScroll, { passive: true });
  new ResizeObserver(keepAtEnd).observe(byId("messages"));
  new ResizeObserver(keepAtEnd).observe(scroller);
  byId("to-newest").addEventListener("click", scrollToEnd);
}

/** Layout scrolls as well, when an image arrives or a drawer opens, but upwards no farther than to a new end. Beyond
 * that somebody scrolled: by hand, by a search in the page, with a screen reader. */
function onScroll() {
  const { scrollTop, scrollHeight, clientHeight } = byId("scroller");
  const near = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
  const byHand = performance.now() - lastGesture < GESTURE_MS;
  if (near) followsEnd = true;
  else if (byHand || scrollTop < lastScrollTop) followsEnd = false;
  else keepAtEnd();
  lastScrollTop = byId("scroller").scrollTop;
  byId("to-newest").hidden = followsEnd;
}

export function keepAtEnd() {
  const scroller = byId("scroller");
  if (followsEnd) scroller.scrollTop = scroller.scrollHeight;
  lastScrollTop = scroller.scrollTop;
}

/** Until `doing` has been answered, and 2 s longer, a new message is scrolled to. */
export async function followingAnswers(doing) {
  answersDue += 1;
  try {
    return await doing();
  } finally {
    setTimeout(() => (answersDue -= 1), ANSWER_MS);
  }
}

/** A message has been added at the end. */
export function messageAdded() {
  if (answersDue) scrollToEnd();
}

export function scrollToEnd() {
  followsEnd = true;
  byId("to-newest").hidden = true;
  keepAtEnd();
}
