/** What the pictures cost, or would have cost. */

const ABOUT = 0.07;

export const pretendMoney = (money) => `${images(money.pictures)}, ${inAll(money)} in pretend money`;

export function realMoney(money) {
  if (!money.pictures) return `Real images: about ${dollars(ABOUT)} each`;
  const last = money.last === null ? `about ${dollars(ABOUT)}` : `$${money.last}`;
  return `Real images: the last purchase cost ${last} · ${images(money.pictures)} so far, ${inAll(money)}`;
}

/** A price that nobody told is not taken for nothing. */
function inAll({ dollars: known, unpriced }) {
  if (!unpriced) return dollars(known);
  return `${dollars(known)} and ${unpriced} of unknown price, about ${dollars(unpriced * ABOUT)}`;
}

const images = (number) => (number === 1 ? "1 image" : `${number} images`);
const dollars = (amount) => `$${amount.toFixed(2)}`;
