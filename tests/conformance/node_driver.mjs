/* node_driver.mjs PACKAGE: makes the calls of run_node.py: one JSON request a line on stdin, one answer a line on stdout,
 * {"value": ...} or, when it is not the package that refuses but this program that fails, {"failed": text}. */
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const mxc = await import(pathToFileURL(path.join(process.argv[2], 'dist', 'index.mjs')));
const sandboxes = [];
const processes = [];

function outcomeOfResult(result) {
  return {
    exitCode: result.exitCode, signal: result.signalName, timedOut: result.timedOut, limitHit: result.limitHit,
    stdout: result.stdout.toString('base64'), stdoutLength: result.stdoutLength, stdoutTruncated: result.stdoutTruncated,
    stderr: result.stderr.toString('base64'), stderrLength: result.stderrLength, stderrTruncated: result.stderrTruncated,
    denials: result.denials.map(({ kind, what, mechanism, count }) => ({ kind, what, mechanism, count })),
    receipt: result.receipt.map(({ item, level, mechanism }) => ({ item, level, mechanism })),
    json: JSON.stringify(result),
  };
}

/* What a call gives: a result, or the error of the package. Anything else is this program's failure. */
async function outcomeOf(call) {
  const began = performance.now();
  let outcome;
  try {
    outcome = outcomeOfResult(await call());
  } catch (error) {
    if (!(error instanceof mxc.MxcError)) throw error;
    outcome = error.toJSON();
  }
  return { ...outcome, elapsedMs: Math.round(performance.now() - began) };
}

/* The command of a case as the first argument and the options of run(). */
function words(command) {
  const options = {};
  if ('language' in command) options.language = command.language;
  if ('cwd' in command) options.cwd = command.cwd;
  if ('env' in command) options.env = Object.fromEntries(command.env.map((entry) => splitOnce(entry)));
  if ('input' in command) options.input = command.input;
  if ('timeoutMs' in command) options.timeout = command.timeoutMs;
  if ('graceMs' in command) options.grace = command.graceMs;
  return [command.code ?? command.argv, options];
}

function splitOnce(entry) {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}

async function acting(policy, code, options, actions) {
  const process = mxc.spawn(code, policy, options);
  const began = performance.now();
  const outcome = process.wait();
  for (const action of actions) {
    await sleep(Math.max(0, action.afterMs - (performance.now() - began)));
    if ('signal' in action) process.kill(action.signal);
    else process.stop(action.stopGraceMs);
  }
  return outcome;
}

const acts = {
  features: () => Object.fromEntries(mxc.doctor().features.map(({ name, available }) => [name, available])),
  run: ({ policy: text, command, actions, root }) => outcomeOf(() => {
    const [code, options] = words(command);
    const policy = mxc.Policy.fromJSON(text, root);
    return actions.length > 0 ? acting(policy, code, options, actions) : mxc.run(code, policy, options);
  }),
  open: ({ policy, root }) => sandboxes.push(new mxc.Sandbox(mxc.Policy.fromJSON(policy, root))) - 1,
  runIn: ({ sandbox, command }) => outcomeOf(() => sandboxes[sandbox].run(...words(command))),
  spawn: ({ sandbox, command }) => processes.push(startedIn(sandboxes[sandbox], command)) - 1,
  wait: ({ process, timeoutMs }) => outcomeOf(() => processes[process]().wait(timeoutMs)),
  kill: ({ process, signal }) => { processes[process]().kill(signal); },
  stop: ({ process, graceMs }) => { processes[process]().stop(graceMs); },
  killSandbox: ({ sandbox }) => sandboxes[sandbox].kill(),
  close: ({ sandbox }) => sandboxes[sandbox].close(),
};

/* A function that gives the process, or throws again why there is none. */
function startedIn(sandbox, command) {
  try {
    const process = sandbox.spawn(...words(command));
    process.wait().catch(() => {}); // a case may look at it later, or never
    return () => process;
  } catch (error) {
    if (!(error instanceof mxc.MxcError)) throw error;
    return () => { throw error; };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    answer = { value: (await acts[request.do](request)) ?? null };
  } catch (error) {
    answer = { failed: error.stack };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
