#!/usr/bin/env node
// Runs the pm2drill of this platform, which an optional dependency holds. Nothing is
// downloaded and no install script runs.
'use strict'
const { spawn } = require('node:child_process')
const { constants } = require('node:os')

const platform = `${process.platform}-${process.arch}`
const packages = Object.keys(require('./package.json').optionalDependencies)

function find() {
  const name = `@pm2drill/${platform}`
  if (!packages.includes(name)) {
    const known = packages.map((x) => x.slice('@pm2drill/'.length)).join(', ')
    fail(`there is no binary for ${platform}: run it on one of ${known}, or build it there with \`go install github.com/pm2drill/pm2drill/harness/cmd/pm2drill@latest\``)
  }
  try {
    return require.resolve(`${name}/bin/pm2drill`)
  } catch {
    fail(`the package ${name} is not installed: install again without --omit=optional, and on ${platform} itself`)
  }
}

function fail(why) {
  console.error(`pm2drill: ${why}`)
  process.exit(64)
}

// npm and npx set NODE to the path of Node; to pm2drill that variable is a version.
const env = { ...process.env }
if (env.NODE?.includes('/')) delete env.NODE

const child = spawn(find(), process.argv.slice(2), { env, stdio: 'inherit' })
// The terminal signals the child too; a supervisor signals this process only.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (err) => {
  console.error(`pm2drill: cannot start the binary: ${err.message}`)
  process.exit(70)
})
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code))
