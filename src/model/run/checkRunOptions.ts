import { driveKinds } from '../../tensor/drive.ts';
import { checkOptions, type OptionKinds } from '../../tensor/options.ts';

/** What `RunOptions` may hold. */
export const runOptionKinds = {
  threads: 'number',
  ...driveKinds,
} as const satisfies OptionKinds;

/** @throws InputError for an option of a run that does not exist or is of another kind. */
export function checkRunOptions(options: unknown, action: string, more: OptionKinds = {}): void {
  checkOptions(options, { ...more, ...runOptionKinds }, action);
}
