/** The connections that the drawing shows, of all between the shown units. */

const CONNECTIONS_MOST = 3000;
const THICK_MOST = 500; // connections at full thickness; more are drawn thinner
const HIT_DISTANCE = 6; // pixels from a connection at which the pointer hits it

/** @typedef {{unit: number, x: number, y: number, size: number}} DrawnUnit */
/**
 * A connection into a level; `share` is its strength relative to the strongest between the two levels.
 *
 * @typedef {{level: number, from: DrawnUnit, to: DrawnUnit, weight: number, share: number}} Connection
 */

/**
 * Choose the strongest connections, relative to the strongest between their two levels.
 *
 * @param {DrawnUnit[][]} units   by level
 * @param {Network} network
 * @param {Weights} weights
 * @returns {{connections: Connection[], thinness: number}} with how thin they must be, from 0 to 1
 */
export function chooseConnections(units, network, weights) {
  const pairs = units.slice(1).map((ends, index) => {
    const kernel = weights.tensors[`${network.layers[index].name}/kernel`];
    return weightsBetween(units[index], ends, kernel, weights.sizes[index + 1]);
  });
  const count = pairs.reduce((sum, { shares }) => sum + shares.length, 0);
  const least = count > CONNECTIONS_MOST ? leastOf(pairs, count) : 0;
  const connections = pairs.flatMap(({ weights: values, shares }, index) => {
    const [starts, ends] = [units[index], units[index + 1]];
    /** @type {Connection[]} */
    const chosen = [];
    shares.forEach((share, at) => {
      if (share < least) return;
      const [from, to] = [starts[Math.floor(at / ends.length)], ends[at % ends.length]];
      chosen.push({ level: index + 1, from, to, weight: values[at], share });
    });
    return chosen;
  });
  return { connections, thinness: Math.sqrt(Math.min(1, THICK_MOST / Math.min(count, CONNECTIONS_MOST))) };
}

/** @typedef {{weights: Float32Array, shares: Float32Array}} PairWeights   from each start to each end */

/**
 * Return the weights between the drawn units of two levels, and their strengths relative to the strongest.
 *
 * @param {DrawnUnit[]} starts
 * @param {DrawnUnit[]} ends
 * @param {Float32Array} kernel
 * @param {number} columns   of the kernel
 * @returns {PairWeights}
 */
function weightsBetween(starts, ends, kernel, columns) {
  const weights = new Float32Array(starts.length * ends.length);
  let most = 1e-12;
  let at = 0;
  for (const from of starts) {
    for (const to of ends) {
      weights[at] = kernel[from.unit * columns + to.unit];
      most = Math.max(most, Math.abs(weights[at]));
      at += 1;
    }
  }
  return { weights, shares: weights.map((weight) => Math.abs(weight) / most) };
}

/**
 * Return the share of the weakest of the strongest connections.
 *
 * @param {PairWeights[]} pairs
 * @param {number} count   of all connections
 */
function leastOf(pairs, count) {
  const all = new Float32Array(count);
  let start = 0;
  for (const { shares } of pairs) {
    all.set(shares, start);
    start += shares.length;
  }
  return all.toSorted()[count - CONNECTIONS_MOST];
}

/**
 * Return the connection at a place of the canvas, or null.
 *
 * @param {Connection[]} connections
 * @param {number} x
 * @param {number} y
 * @returns {?NetworkTarget}
 */
export function hitConnection(connections, x, y) {
  /** @type {?NetworkTarget} */
  let best = null;
  let nearest = HIT_DISTANCE;
  for (const { level, from, to, share } of connections) {
    const [start, end] = [from.x + from.size / 2, to.x - to.size / 2];
    if (x < start || x > end) continue;
    const slope = (to.y - from.y) / (end - start);
    const distance = Math.abs(from.y + (x - start) * slope - y) / Math.hypot(1, slope) - 2 * share;
    if (distance < nearest) {
      nearest = distance;
      best = { level, unit: to.unit, from: from.unit };
    }
  }
  return best;
}
