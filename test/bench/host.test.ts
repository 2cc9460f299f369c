import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { startHost } from '../../bench/process/host.ts';

const test = suite('bench host');

test('a question that cannot be answered is refused with the reason', async () => {
  const host = startHost();
  try {
    await host.ask({ kind: 'run' });
    assert.unreachable('nothing was loaded');
  } catch (error) {
    assert.match(String(error), /before a job was loaded/);
  } finally {
    host.stop();
  }
});

test('a process that ended, before or between questions, is an error of the question', async () => {
  const host = startHost();
  const asked = host.ask({ kind: 'facts' });
  host.stop();
  for (const question of [() => asked, () => host.ask({ kind: 'run' })]) {
    try {
      await question();
      assert.unreachable('the process has ended');
    } catch (error) {
      assert.match(String(error), /its process ended \(SIGTERM\)/);
    }
  }
});

test.run();
