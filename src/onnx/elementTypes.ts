/** Types that ONNX has and jetgrad does not hold, for messages. */
const otherNames: Readonly<Record<number, string>> = {
  8: 'string',
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1',
};

/** What is the matter with a type that jetgrad does not hold. */
export function describeUnheld(number: number): string {
  if (number === 0) return 'does not say what its elements are';
  return `has the element type ${otherNames[number] ?? `number ${number}`}, which jetgrad does not hold`;
}
