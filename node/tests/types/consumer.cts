/* consumer.cts: the types by `require`. */
import mxc = require('mxc');
import { Policy, run, type Result } from 'mxc';

const first: Promise<Result> = run('1', new mxc.Policy());
const second: mxc.Result = mxc.runSync(['true'], Policy.preset('strict'));
// @ts-expect-error a number is no command
mxc.runSync(1);

export = { first, second };
