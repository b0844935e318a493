// Package tools offers verbs of pm2drill as tools of the Model Context Protocol (MCP). A call of
// a tool is a call of its verb: it takes the verb's flags as arguments, and returns the JSON
// that the verb prints.
package tools
