/** A printed module with a tab to the level in place of two blanks and without lines of comment. */
export function tabbed(code: string): string;
