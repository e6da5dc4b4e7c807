/* index.mjs: for `import`: the very objects that `require` gives, so that there is one state and one class of each. */
export * from './index.js';
export { default } from './index.js';
