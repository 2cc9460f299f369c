/**
 * Random weights give flat probabilities. The factor by which logits are multiplied so that the top class has the probability wanted, as
 * a trained network's may have.
 */
export function factorFor(z: ArrayLike<number>, confidence: number): number {
  const logits = Array.from(z);
  const top = Math.max(...logits);
  const probability = (factor: number) =>
    1 / logits.reduce((sum, value) => sum + Math.exp(factor * (value - top)), 0);
  let low = 0;
  let high = 1e6;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (probability(middle) < confidence) low = middle;
    else high = middle;
  }
  return high;
}
