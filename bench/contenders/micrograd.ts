import { add, backward, mul, sin, value } from '../general/micrograd.ts';
import { repeated } from '../general/repeated.ts';
import { CHAIN_START, chainOf, taskOf } from '../general/tasks.ts';
import { type Contender, wantGeneral } from './contender.ts';

/** The scalar engine of forty lines. */
export const micrograd: Contender = {
  async load(job) {
    const { of, want } = taskOf(wantGeneral(job, 'micrograd').task);
    if (of !== 'chain') throw new Error(`Internal: micrograd computes with numbers, it cannot do ${of}`);
    return repeated(() => {
      const x = value(CHAIN_START);
      const y = chainOf(x, (each) => mul(sin(add(mul(each, value(0.9)), x)), x));
      if (want === 'value') return [Float64Array.of(y.data)];
      backward(y);
      return [Float64Array.of(x.grad)];
    });
  },
};
