// Runs in the worker: closes the inspector at once. We are its only client and
// hang up when we have the answer.
setTimeout(() => process[Symbol.for('pm2drill.inspector')]?.close(), 0) && 'closing'
