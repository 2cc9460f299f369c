import type { Score } from '../autodiff/diagonal/score.ts';
import { reshape, take } from '../autodiff/operations.ts';
import { concrete } from '../autodiff/trace.ts';
import { areLogits, type Logits } from '../model/graph/logits.ts';
import type { Model } from '../model/model.ts';
import { logitsIn } from '../model/modelOf.ts';
import { InputError, ShapeError } from '../tensor/errors.ts';
import { formatShape, type Shape, sizeOf } from '../tensor/shape.ts';
import { contiguous, type Tensor } from '../tensor/tensor.ts';
import type { AskedPlace } from './askedPlace.ts';
import type { NamedScore } from './score.ts';
import { customScore } from './score.ts';

/** Tensors of a network by name, each in its own shape, the axis of images included. */
export type Outputs = Readonly<Record<string, Tensor>>;

/**
 * A score of the caller's own: a differentiable scalar function of the logits z [m] where the model has one output of that kind or
 * `output` names one, and of all outputs by name where it has several.
 */
export type ScoreFunction = (outputs: Tensor & Outputs) => Tensor;

/** A score of outputs whose choices (the best box, the largest entry) are made on the clean picture, and stay in noisy samples. */
export interface OutputScore {
  /** What it is called in files. */
  readonly name: string;
  /** The tensors that it reads. */
  readonly reads: readonly string[];
  /** Y as a differentiable scalar function of the tensors, with the choices that are made at the clean ones. */
  at(clean: Outputs): {
    value(outputs: Outputs): Tensor;
    /** The choices, for the manifest. */
    readonly choices?: Readonly<Record<string, unknown>>;
  };
}

/** How the entries that a head gives for a picture are read for one class. */
export interface Reading {
  readonly ending: Logits['ending'];
  /** Rows [N, M] of the head's entries as rows [N, m] of logits: differentiable and linear; as they are unless given. */
  readonly rows?: ((z: Tensor) => Tensor) | undefined;
  /** A score in place of a named one of that class: of a row [m]. */
  readonly score?: Score | undefined;
  /** The logits of a row that classes are ranked by; the row itself unless given. */
  readonly ranked?: ((row: Tensor) => Tensor) | undefined;
  /** What was chosen on the clean picture, for the manifest. */
  readonly choices?: Readonly<Record<string, unknown>> | undefined;
  /** Where on the picture that is, where it is anywhere. */
  readonly place?: AskedPlace | undefined;
}

/** What is asked of a picture, all choices made. */
export interface Asked {
  /** The logits [m] by which the picture's classes are ranked. */
  readonly z: Tensor;
  /** Classes whose logits are at least or at most what stands there: probabilities that are rounded to 1 or 0 tell no more. */
  readonly bounds?: ReadonlyMap<number, 'least' | 'most'> | undefined;
  readonly ending: Logits['ending'];
  /** Whether they are of classes; else there is one number, the score. */
  readonly hasClasses: boolean;
  /** What the numbers are called where they are of no classes. */
  readonly label?: string | undefined;
  reading(classIndex: number): Reading;
}

/** What is asked of a model's outputs. */
export interface Question {
  /** The tensors that the answer is read from. */
  readonly outputs: readonly string[];
  /** Makes the choices, on what the clean picture gives. */
  at(clean: Outputs): Asked;
}

/** What of the options says what is asked. */
export interface QuestionOptions {
  readonly output?: string | undefined;
  readonly score?: NamedScore | ScoreFunction | OutputScore | undefined;
  readonly question?: Question | undefined;
}

/** The logits [m] of one picture. @throws ShapeError where they are not one number for each class. */
function logitsOf(tensor: string, value: Tensor): Tensor {
  if (areLogits(value.shape)) return reshape(value, [-1]);
  throw new ShapeError(
    `Cannot take ${tensor} for the logits of classes: [1, m] is wanted, it gives ${formatShape(value.shape)}`,
  );
}

/** Asks for the classes of the logits, with a named score, or one of the logits alone. */
function askClasses({ tensor, ending }: Logits, score: ((z: Tensor) => Tensor) | undefined): Question {
  const own = score && customScore(score);
  return {
    outputs: [tensor],
    at: (clean) => ({
      ...{ z: logitsOf(tensor, clean[tensor]), ending, hasClasses: true },
      reading: () => ({ ending, ...(own && { score: own }) }),
    }),
  };
}

/** A row [M] as the tensors whose entries stand in it one behind the other. */
function unflatten(row: Tensor, shapes: ReadonlyMap<string, Shape>): Outputs {
  let offset = 0;
  const outputs: Record<string, Tensor> = {};
  for (const [name, shape] of shapes) {
    outputs[name] = reshape(take(row, { shape: [sizeOf(shape)], stride: [1], offset }), shape);
    offset += sizeOf(shape);
  }
  return outputs;
}

/** Asks for a score of several outputs; classes are ranked where the model has any. */
function askOutputs(score: OutputScore, logits: Logits | undefined): Question {
  const tensor = logits?.tensor;
  const outputs = [...new Set([...score.reads, ...(tensor === undefined ? [] : [tensor])])];
  return {
    outputs,
    at(clean) {
      const shapes = new Map(outputs.map((name) => [name, clean[name].shape]));
      const { value, choices } = score.at(clean);
      const scored = customScore((row) => value(unflatten(row, shapes)));
      const ranked = (row: Tensor) =>
        tensor === undefined
          ? reshape(concrete(scored.value(row).y), [1])
          : logitsOf(tensor, unflatten(row, shapes)[tensor]);
      const rank = tensor === undefined ? reshape(value(clean), [1]) : logitsOf(tensor, clean[tensor]);
      const ending = logits?.ending ?? 'none';
      return {
        ...{ z: rank, ending, hasClasses: tensor !== undefined },
        ...(tensor === undefined && { label: score.name }),
        reading: () => ({ ending, score: scored, ranked, choices }),
      };
    },
  };
}

/** A function of outputs as a score; the choices that it makes are its own. */
function scoreOfFunction(f: ScoreFunction, reads: readonly string[]): OutputScore {
  return { name: 'custom', reads, at: () => ({ value: (outputs) => f(outputs as Tensor & Outputs) }) };
}

/** What the options ask of a model. @throws InputError, ShapeError where its outputs do not say which are the logits. */
export function questionOf(model: Model, { output, score, question }: QuestionOptions): Question {
  if (question !== undefined) {
    if (typeof score === 'function' || typeof score === 'object' || output !== undefined) {
      throw new InputError(
        'Cannot explain: a question says what is read; leave output and a score of your own out',
      );
    }
    return question;
  }
  if (typeof score === 'object') return askOutputs(score, logitsIn(model, output));
  if (typeof score !== 'function') return askClasses(model.findLogits(output), undefined);
  const logits = logitsIn(model, output);
  const isAlone = output !== undefined || model.outputs.length === 1;
  if (isAlone && logits !== undefined) return askClasses(logits, score as (z: Tensor) => Tensor);
  const reads = output === undefined ? model.outputs.map(({ name }) => name) : [output];
  return askOutputs(scoreOfFunction(score, reads), logits);
}

/** The logits of a row of a reading, as numbers. */
export const rankedLogits = ({ ranked }: Pick<Reading, 'ranked'>, row: Tensor) =>
  contiguous(ranked === undefined ? row : ranked(row)).data;
