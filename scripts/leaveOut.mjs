/**
 * Leaves properties out of the objects of a printed module. A primitive's row says where its rule is from and at which inputs it is
 * tested: that is for its reader and for the tests, and a page does not carry it.
 */

const closing = { '(': ')', '[': ']', '{': '}' };

/** Where a text ends that begins with a quote; what a template holds between ${ and } is passed with it. */
function endOfText(code, start) {
  for (let i = start + 1; i < code.length; i++) {
    if (code[i] === '\\') i++;
    else if (code[i] === code[start]) return i + 1;
  }
  throw new Error('Cannot leave out a property: a text in it does not end');
}

/** Where a value ends: at the comma behind it, or at what closes the object that it stands in. */
function endOfValue(code, start) {
  const open = [];
  for (let i = start; i < code.length; i++) {
    const character = code[i];
    if ('"\'`'.includes(character)) i = endOfText(code, i) - 1;
    else if (closing[character] !== undefined) open.push(closing[character]);
    else if (open.length > 0) {
      if (character === open.at(-1)) open.pop();
    } else if (',)]}'.includes(character)) return i;
  }
  throw new Error('Cannot leave out a property: its value does not end');
}

/** The module without the properties of these names that begin a line of it. */
export function leaveOut(code, names) {
  const property = new RegExp(`^[ \\t]*(?:${names.join('|')})(?=:|,?$)`, 'm');
  let rest = code;
  let kept = '';
  for (let found = property.exec(rest); found !== null; found = property.exec(rest)) {
    const from = found.index;
    const behind = from + found[0].length;
    const end = rest[behind] === ':' ? endOfValue(rest, behind + 1) : behind;
    kept += rest.slice(0, from);
    rest = rest.slice(rest[end] === ',' ? end + 1 : end).replace(/^\n/, '');
  }
  return kept + rest;
}
