export * from './index.js';
import * as mxc from './index.js';
export default mxc;
