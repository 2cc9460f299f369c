import type { AlphaCounts } from '../cam/method.ts';
import type { MethodName } from '../cam/methods.ts';
import type { Setting } from './settings.ts';

/** A map in few bytes, to be drawn: [height, width], each value 0 … 255 of its maximum, in base64. */
export interface SmallMap {
  readonly height: number;
  readonly width: number;
  readonly bytes: string;
}

/** What was found of one method's map. */
export interface Finding {
  readonly method: MethodName;
  /** What it is called in tables. */
  readonly name: string;
  readonly setting: Setting;
  /** Whether the map says anything: `empty` where no entry is above 0, `nan` where one is not finite. */
  readonly state: 'ok' | 'empty' | 'nan';
  /** By metric; null where a metric says nothing of such a picture. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly counts?: AlphaCounts;
  /** The method that gives the same map whatever the noise. */
  readonly equals?: string;
  /** The share of noisy samples in which the class is on top, and how many samples the mean rests on. */
  readonly onTop?: number;
  readonly effectiveSampleSize?: number;
  readonly map: SmallMap;
}

/** The classes of a picture that are looked at: that of its label, that which the network predicts. */
export type ClassKind = 'label' | 'prediction';

/** Everything that was found of one class. */
export interface ClassResult {
  readonly index: number;
  readonly label: string | null;
  readonly as: readonly ClassKind[];
  readonly findings: readonly Finding[];
}

/** Everything that was found of one picture by one model. */
export interface PictureResult {
  readonly picture: string;
  readonly model: string;
  readonly label: string | null;
  readonly occurrences: number;
  /** Mean share of the input that an occurrence has. */
  readonly size?: number;
  /** Distance of the nearest two, in shorter sides. */
  readonly distance?: number;
  readonly predicted: { readonly index: number; readonly label: string | null; readonly probability: number };
  readonly classes: readonly ClassResult[];
}

/** Why a picture could not be evaluated. */
export interface PictureFailure {
  readonly picture: string;
  readonly model: string;
  readonly error: string;
}
