/**
 * A scalar engine as small as they get: what differentiating costs where a number is all that there is.
 * Source: Karpathy's micrograd, with arrays for its sets of children and a stack for its recursion.
 */
export interface Value {
  readonly data: number;
  readonly children: readonly Value[];
  grad: number;
  /** Passes its grad on to its children. */
  backward: () => void;
}

const nothing = (): void => {};

export function value(data: number, children: readonly Value[] = []): Value {
  return { data, children, grad: 0, backward: nothing };
}

export function add(x: Value, y: Value): Value {
  const out = value(x.data + y.data, [x, y]);
  out.backward = () => {
    x.grad += out.grad;
    y.grad += out.grad;
  };
  return out;
}

export function mul(x: Value, y: Value): Value {
  const out = value(x.data * y.data, [x, y]);
  out.backward = () => {
    x.grad += y.data * out.grad;
    y.grad += x.data * out.grad;
  };
  return out;
}

export function sin(x: Value): Value {
  const out = value(Math.sin(x.data), [x]);
  out.backward = () => {
    x.grad += Math.cos(x.data) * out.grad;
  };
  return out;
}

/** Adds ∂y/∂v to the grad of every value v that y is made of. */
export function backward(y: Value): void {
  const order: Value[] = [];
  const visited = new Set([y]);
  const stack = [{ at: y, next: 0 }];
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const child = top.at.children[top.next++];
    if (child === undefined) {
      stack.pop();
      order.push(top.at);
    } else if (!visited.has(child)) {
      visited.add(child);
      stack.push({ at: child, next: 0 });
    }
  }
  y.grad = 1;
  for (const each of order.reverse()) each.backward();
}
