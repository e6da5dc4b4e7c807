/* runtime.ts: where the calling program's Node lives: what a sandbox must show so that the same one runs inside. Only
 * the program, and its library tree; never the caller's own folders. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

export interface Runtime {
  /** Host path; undefined: the library looks for one. */
  readonly interpreter: string | undefined;
  /** Absolute, existing, none below what every sandbox shows. */
  readonly paths: readonly string[];
}

/* the baseline of every sandbox shows these already */
const baseline = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

function below(file: string, folder: string): boolean {
  return file === folder || file.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** The path and every link that it leads through, the final file included. */
function links(start: string): string[] {
  const found = [start];
  for (let file = start; found.length < 40;) {
    try {
      file = path.resolve(path.dirname(file), fs.readlinkSync(file));
    } catch {
      break; // not a link
    }
    found.push(file);
  }
  try {
    found.push(fs.realpathSync(start)); // a folder on the way may be a link too
  } catch { /* it was removed */ }
  return found;
}

/** PREFIX/lib of PREFIX/bin/node: the global packages, and libnode where it is shared. Never of a caller's folder. */
function libraries(program: string): string[] {
  const prefix = path.dirname(path.dirname(program));
  const own = [os.homedir(), process.cwd(), path.join(os.homedir(), '.local')];
  if (path.basename(path.dirname(program)) !== 'bin' || prefix === '/' || own.some((folder) => folder === prefix)) {
    return [];
  }
  return [path.join(prefix, 'lib', 'node_modules'), path.join(prefix, 'lib64')]
    .concat(process.config.variables && 'node_shared' in process.config.variables &&
      process.config.variables.node_shared ? [path.join(prefix, 'lib')] : []);
}

function survey(): Runtime {
  const program = process.execPath;
  // a program that has Node built in is no interpreter
  if (!/^node(js)?[0-9.]*$/.test(path.basename(program))) return { interpreter: undefined, paths: [] };
  const wanted = links(program).flatMap((file) => [file, ...libraries(file)])
    .filter((file) => path.isAbsolute(file) && fs.existsSync(file) && !baseline.some((known) => below(file, known)));
  const paths = [...new Set(wanted)].filter((file, _, all) => !all.some((other) => other !== file && below(file, other)));
  return { interpreter: program, paths: paths.sort() };
}

let found: Runtime | undefined;

/** The runtime of the calling program. */
export function node(): Runtime {
  return found ??= survey();
}
