/** Types that ONNX has and jetgrad does not hold, for messages. */
const otherNames: Readonly<Record<number, string>> = {
  8: 'string',
  14: 'complex64',
  15: 'complex128',
  27: 'float6e2m3',
  28: 'float6e3m2',
};

/** What is the matter with a type that jetgrad does not hold. */
export function describeUnheld(number: number): string {
  if (number === 0) return 'does not say what its elements are';
  return `has the element type ${otherNames[number] ?? `number ${number}`}, which jetgrad does not hold`;
}
