import type { Explanation, MethodMap } from '../cam/explanation.ts';
import type { CoreMethodName } from '../cam/methods.ts';
import type { Picture, Rectangle } from '../image/picture.ts';
import type { Model } from '../model/model.ts';
import { type ErrorCode, InputError, ShapeError, UnsupportedOperationError } from '../tensor/errors.ts';
import type { Backend } from '../tensor/kernels/backend.ts';

/** What a page learns of the model that a worker holds. */
export interface ModelSummary
  extends Pick<Model, 'name' | 'labels' | 'inputShape' | 'layers' | 'defaultLayer'> {
  /** What computes there. */
  readonly backend: Backend;
}

/** There for the methods that the compiler knows, else perhaps. */
export type ByMethod<M extends CoreMethodName, T> = [CoreMethodName] extends [M]
  ? Partial<Readonly<Record<CoreMethodName, T>>>
  : Readonly<Record<M, T>>;

/** What `explain` finds but for the evidence, and pictures to show. */
export interface PageExplanation<M extends CoreMethodName = CoreMethodName>
  extends Omit<Explanation, 'evidence' | 'manifest' | 'maps' | 'place'> {
  readonly maps: ByMethod<M, MethodMap>;
  /** Each map drawn over the picture: for a canvas by `toImageData` of `jetgrad/image`. */
  readonly overlays: ByMethod<M, Picture>;
  /** Sides of the picture in pixels, and the part of it that the network saw. */
  readonly sides: { readonly width: number; readonly height: number };
  readonly crop: Rectangle;
  /** Everything chosen and found, but for the arrays, as plain JSON data. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** An error on its way to the page. */
interface SentError {
  readonly name: string;
  readonly message: string;
  readonly code?: ErrorCode;
  readonly operations?: readonly string[];
}

/** What the worker is told; everything else that it hears is for a thread. */
export type Request =
  | {
      readonly kind: 'open' | 'explain';
      readonly id: number;
      readonly what: unknown;
      readonly options: object;
    }
  | { readonly kind: 'abort'; readonly id: number };

/** What it answers. */
export type Answer =
  | { readonly kind: 'progress'; readonly id: number; readonly share: number }
  | { readonly kind: 'part' | 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly error: SentError };

/** An error as it can be sent: classes do not cross. */
export function sentError(error: unknown): SentError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message } = error;
  return {
    name,
    message,
    ...(error instanceof InputError && { code: error.code }),
    ...(error instanceof UnsupportedOperationError && { operations: error.operations }),
  };
}

/** The error that was sent, of its class again. */
export function receivedError({ name, message, code, operations = [] }: SentError): Error {
  if (code === 'SHAPE') return new ShapeError(message);
  if (code === 'UNSUPPORTED_OPERATION') return new UnsupportedOperationError(message, operations);
  if (code !== undefined) return new InputError(message);
  const error = new Error(message);
  error.name = name;
  return error;
}
