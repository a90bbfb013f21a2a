/** What the images cost, or would have cost. */

const USUAL_DOLLARS = 0.07;

export const simulatedCost = (money) => `${images(money.pictures)}, ${total(money)} in pretend money`;

export function realCost(money) {
  if (!money.pictures) return `Real images: about ${dollars(USUAL_DOLLARS)} each`;
  const last = money.last === null ? `about ${dollars(USUAL_DOLLARS)}` : `$${money.last}`;
  return `Real images: the last purchase cost ${last} · ${images(money.pictures)} so far, ${total(money)}`;
}

/** An unknown price is estimated. */
function total({ dollars: known, unpriced }) {
  if (!unpriced) return dollars(known);
  return `${dollars(known)} and ${unpriced} of unknown price, about ${dollars(unpriced * USUAL_DOLLARS)}`;
}

const images = (number) => (number === 1 ? "1 image" : `${number} images`);
const dollars = (amount) => `$${amount.toFixed(2)}`;
