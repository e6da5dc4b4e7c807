/* An agent loop: agent_loop.mjs SCRIPT DATA. A scripted stand-in for a model proposes Python code, each proposal runs in
 * a sandbox of its own, what came of it is fed back, and the loop stops at the answer. What every loop does is in
 * ../README.md. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';

// the installed package, or that of the source tree's build
const { Policy, run } = await import('mxc').catch(() => import('../../../build/node/mxc/dist/index.mjs'));

function* model(script) {
  let feedback = '';
  for (const { say, code, expect } of script) {
    feedback = yield { say, code };
    const missing = expect.find((text) => !feedback.includes(text));
    if (missing !== undefined) throw new Error(`the model expected "${missing}" and does not know how to go on`);
  }
}

function feedbackOf(result) {
  const end = result.signal === null ? `exit code ${result.exitCode}` : `ended by signal ${result.signal}`;
  const denials = result.denials.map((denial) => `denied: ${denial.what}\n`);
  return [result.stdoutText, result.stderrText, ...denials, `${end}\n`].join('');
}

async function loop(script, data) {
  const policy = new Policy({ read: [data], memory: '512M', processes: 16, timeout: '20s' });
  const env = { DATA: data, CALLER_HOME: homedir() };
  const proposals = model(script);
  for (let next = proposals.next(); !next.done;) {
    const { say, code } = next.value;
    console.log(`\nmodel: ${say}\n\n${code}`);
    const result = await run(code, policy, { env });
    const feedback = feedbackOf(result);
    process.stdout.write(feedback);
    next = proposals.next(feedback);
    const answer = result.stdoutText.split('\n').find((line) => line.startsWith('ANSWER: '));
    if (answer !== undefined) return answer;
  }
  throw new Error('the script ended without an answer');
}

const [script, data] = process.argv.slice(2);
try {
  console.log(`\n${await loop(JSON.parse(await readFile(script, 'utf8')), resolve(data))}`);
} catch (error) {
  console.error(`agent_loop: ${error.message}`);
  process.exitCode = 1;
}
