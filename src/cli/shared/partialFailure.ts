/** What a command did but for a part of what it was asked: exit code 3, with the list. */
export class PartialFailure extends Error {
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines[0]);
    this.name = 'PartialFailure';
    this.lines = lines;
  }
}
