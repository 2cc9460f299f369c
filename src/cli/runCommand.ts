import { Command, CommanderError, Help } from 'commander';
import { packageVersion } from '../node/ownPackage.ts';
import { InputError } from '../tensor/errors.ts';
import { addConvert } from './convert/command.ts';
import { addDiagonal } from './diagonal/command.ts';
import { addEvaluate, addEvaluateChild } from './evaluate/command.ts';
import { addExplain } from './explain/command.ts';
import { addInspect } from './inspect/command.ts';
import { addNeurons } from './neurons/command.ts';
import { addRun } from './run/command.ts';
import { withCompute } from './shared/computeOptions.ts';
import { formatError } from './shared/formatError.ts';
import { type CommandStreams, createIo, type MakeIo } from './shared/io.ts';
import { addPreprocessOptions } from './shared/modelOptions.ts';
import { addStore } from './store/command.ts';
import { addWork, addWorkChild } from './work/command.ts';

const help = new Help();
const marked = (text: string, isRequired: boolean) => (isRequired ? `${text} (required)` : text);

function createProgram(streams: CommandStreams): Command {
  const program = new Command('jetgrad')
    .description('Explains image classifiers by exact first, second and third derivatives.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('-q, --quiet', 'no progress and no warnings')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void streams.stdout.write(text), writeErr: () => {} })
    .configureHelp({
      showGlobalOptions: false,
      optionDescription: (option) => marked(help.optionDescription(option), option.mandatory),
      argumentDescription: (argument) => marked(help.argumentDescription(argument), argument.required),
    })
    .addHelpText(
      'after',
      '\nExample:\n  $ jetgrad explain photo.jpg --model squeezenet1.1.onnx --method all',
    );
  const makeIo: MakeIo = ({ quiet }) => createIo(streams, quiet === true || program.opts().quiet === true);
  for (const add of [addExplain, addEvaluate, addConvert, addInspect, addRun, addDiagonal, addNeurons]) {
    const command = add(program, makeIo);
    if (add !== addInspect) addPreprocessOptions(command);
    if (add !== addConvert && add !== addInspect) withCompute(command);
    command.option('-q, --quiet', 'no progress and no warnings');
  }
  addWork(program, makeIo).option('-q, --quiet', 'no progress and no warnings');
  addStore(program, makeIo).option('-q, --quiet', 'no progress and no warnings');
  addEvaluateChild(program);
  addWorkChild(program);
  return program;
}

const commandMissing =
  'give a command: explain, evaluate, work, store, convert, inspect, run, diagonal or neurons';

/** Commander's complaint in our words: "error: unknown option '--layr'\n(Did you mean --layer?)" on one line. */
function usageError(error: CommanderError, argv: readonly string[], program: Command): InputError {
  const command = program.commands.find((each) => argv.includes(each.name()));
  const help = ['jetgrad', ...(command === undefined ? [] : [command.name()]), '--help'].join(' ');
  const complaint = error.code === 'commander.help' ? commandMissing : error.message.replace(/^error: /, '');
  return new InputError(`${complaint.replace(/\.$/, '')}; see ${help}`);
}

/**
 * The command `jetgrad` with its arguments; resolves to the exit code.
 * 0; 2 for wrong usage and unusable input; 1 for our own faults and files that cannot be written; 130 when ended by the
 * signal. Never rejects.
 */
export async function runCommand(argv: readonly string[], streams: CommandStreams): Promise<number> {
  const program = createProgram(streams);
  const { env = {}, signal } = streams;
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const cause = error instanceof CommanderError ? usageError(error, argv, program) : error;
    const aborted = signal?.aborted === true;
    const { exitCode, lines } = formatError(cause, { stack: env.JETGRAD_DEBUG === '1', aborted });
    createIo(streams, false).fail(lines);
    return exitCode;
  }
}
