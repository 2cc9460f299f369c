/** Types that ONNX has and jetgrad does not hold, for messages. */
const otherNames: Readonly<Record<number, string>> = {
  8: 'string',
  14: 'complex64',
  15: 'complex128',
  24: 'float8e8m0',
  25: 'uint2',
  26: 'int2',
};

/** What is the matter with a type that jetgrad does not hold. */
export function describeUnheld(number: number): string {
  if (number === 0) return 'does not say what its elements are';
  return `has the element type ${otherNames[number] ?? `number ${number}`}, which jetgrad does not hold`;
}
