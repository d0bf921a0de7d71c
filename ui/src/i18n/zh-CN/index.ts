/** The messages, a file per noun; the top-level keys of all files are one tree. */
import agents from './agents.json'
import connect from './connect.json'
import events from './events.json'
import finance from './finance.json'
import ops from './ops.json'
import overview from './overview.json'
import projects from './projects.json'
import runs from './runs.json'
import session from './session.json'
import settings from './settings.json'
import shell from './shell.json'
import usage from './usage.json'
import words from './words.json'

export default { ...agents, ...connect, ...events, ...finance, ...ops, ...overview, ...projects, ...runs, ...session, ...settings, ...shell, ...usage, ...words }
