import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createBar } from '../../../src/cli/shared/bar.ts';

const test = suite('bar');

const HIDE = '\x1b[?25l\x1b[?7l';
const SHOW = '\x1b[?7h\x1b[?25h';
const CLEAR = '\r\x1b[K';

/** A bar on a terminal of the test's own, and the clock that it looks at. */
function barWith() {
  const written: string[] = [];
  const clock = { time: 0 };
  const bar = createBar({ write: (text) => written.push(text) }, () => clock.time);
  return { bar, clock, written };
}

test('share, time that is left, and what is done, ten times a second at most', () => {
  const { bar, clock, written } = barWith();
  bar.update(0, 'cat.jpg');
  clock.time = 50;
  bar.update(0.1, 'cat.jpg');
  clock.time = 20_000;
  bar.update(0.25, 'dog.jpg');
  bar.update(1, 'dog.jpg');
  assert.equal(written, [
    HIDE,
    `${CLEAR}${'─'.repeat(30)} 0 % | cat.jpg`,
    `${CLEAR}${'━'.repeat(8)}${'─'.repeat(22)} 25 % | about 60 s left | dog.jpg`,
    `${CLEAR}${'━'.repeat(30)} 100 % | under a second left | dog.jpg`,
  ]);
});

test('what is taken off leaves the terminal as it was, and comes back', () => {
  const { bar, clock, written } = barWith();
  bar.stop();
  assert.equal(written, []);
  bar.update(0.5, 'a');
  bar.stop();
  bar.stop();
  assert.equal(written.slice(2), [CLEAR + SHOW]);
  clock.time = 10;
  bar.update(0.6, 'b');
  assert.is(written[3], HIDE);
  assert.ok(written[4].endsWith(' 60 % | under a second left | b') || written[4].endsWith(' 60 % | b'));
});

test.run();
