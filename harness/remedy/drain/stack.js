// Runs in the worker, in the midst of what it does, and returns the stack of that.
(() => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 50;
  try {
    return String(new Error().stack);
  } finally {
    Error.stackTraceLimit = limit;
  }
})()
