/** Whether a name in a file may be of something outside of the file's folder, on any system. */
export const leavesFolder = (path: string): boolean =>
  path === '' || path.includes('\0') || /^[/\\]|(^|[/\\])\.\.([/\\]|$)|^[A-Za-z]:/.test(path);
