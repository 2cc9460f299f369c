import { InputError } from '../tensor/errors.ts';

/** The class of the largest logit, the first of equals. @throws InputError where there is none: no classes, or NaN among the logits. */
export function predictedClass(logits: ArrayLike<number>, action: string): number {
  if (logits.length === 0) {
    throw new InputError(`Cannot ${action}: the model gives no logits, so there are no classes`);
  }
  let predicted = 0;
  for (let i = 0; i < logits.length; i++) {
    if (Number.isNaN(logits[i])) {
      throw new InputError(
        `Cannot ${action}: logit ${i} of the model is NaN for this input; look for NaN or overflow in the weights and the preprocessing`,
      );
    }
    if (logits[i] > logits[predicted]) predicted = i;
  }
  return predicted;
}
