import { type CommandTarget, TOKEN_HEADER, TOKEN_VARIABLE } from './commands'
import { bashQuoted } from './quoting'

/** Scripts that agents call. Each reports by plain HTTP, and none can stop the agent: a report that fails is dropped. */

/** The fields that say whose work it is, as the inside of a JSON object. */
function owner({ agentId, projectId }: CommandTarget): string {
  return JSON.stringify({ agentId, ...projectId ? { projectId } : {} }).slice(1, -1)
}

function tokenHeader(target: CommandTarget): string {
  return target.needsToken ? ` \\\n    -H "${TOKEN_HEADER}: $${TOKEN_VARIABLE}"` : ''
}

/** Runs any command as a run of its own. Needs nothing but curl. */
export function wrapperScript(target: CommandTarget): string {
  return String.raw`#!/bin/sh
# Runs a command and reports it to PilotDeck: pilotdeck-run COMMAND...
runs=${bashQuoted(`${target.address}/api/agent/runs`)}
owner=${bashQuoted(owner(target))}

send() {
  curl -s -m 5 -o /dev/null -X "$1" "$runs$2" -H 'Content-Type: application/json'${tokenHeader(target)} -d "$3"
}
escaped() {
  printf '%s' "$1" | tr '\n\t' '  ' | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g'
}

id=shell-$(date +%s)-$$
title=$*
[ "${'$'}{#title}" -gt 900 ] && title=$1
send POST '' "{\"id\":\"$id\",$owner,\"source\":\"shell\",\"title\":\"$(escaped "$title")\"}"

trap : INT TERM
"$@"
code=$?
case $code in
  0) status=completed ;;
  130|143) status=cancelled ;;
  *) status=failed ;;
esac
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
send PATCH "/$id" "{\"status\":\"$status\",\"summary\":\"Exit code $code\",\"finishedAt\":\"$now\"}"
exit $code
`
}

/** How the scripts begin that turn an agent's own JSON into ours. `run` is the jq path of what names the run there. */
function jqScript(target: CommandTarget, from: string, input: string, run: string): string {
  return String.raw`#!/bin/sh
# Reports ${from} to PilotDeck. Needs curl and jq.
api=${bashQuoted(`${target.address}/api/agent`)}
owner=${bashQuoted(`{${owner(target)}}`)}
input=${input}

field() { printf '%s' "$input" | jq -r "$1"; }
# send METHOD PATH FILTER
send() {
  body=$(printf '%s' "$input" | jq -c --argjson owner "$owner" --arg run "$run" "$3") || return 0
  printf '%s' "$body" | curl -s -m 3 -o /dev/null -X "$1" "$api/$2" --data-binary @- \
    -H 'Content-Type: application/json'${tokenHeader(target)}
}
# event TYPE LEVEL TITLE MESSAGE
event() {
  send POST events "\$owner + {runId: \$run, type: \"$1\", level: \"$2\",
    title: ($3 | tostring | split(\"\\n\")[0][0:300]), message: ($4 | tostring | .[0:20000])}"
}
run=$(field '${run}')
this_run=runs/$(field '${run} | @uri')
`
}

const START = String.raw`    send PATCH "$this_run" '{status: "running", finishedAt: null}' ;;
  SessionEnd)
    send PATCH "$this_run" '{status: "completed", finishedAt: (now | todate)}' ;;`

const TOOL = String.raw`tool='(.tool_input | .command // .file_path // .path // .pattern // .url // .query // "")'`

export function claudeScript(target: CommandTarget): string {
  return jqScript(target, 'what the hooks of Claude Code tell', '$(cat)', '.session_id') + String.raw`${TOOL}

case $(field .hook_event_name) in
  SessionStart)
    send POST runs '$owner + {id: $run, source: "claude-code", workspace: .cwd,
      title: (.session_title // "Claude Code in " + (.cwd | split("/") | last))}'
${START}
  UserPromptSubmit) event prompt info .prompt .prompt ;;
  PostToolUse) event tool info ".tool_name + \": \" + ($tool | tostring)" "$tool" ;;
  PostToolUseFailure) event error error ".tool_name + \": \" + ($tool | tostring)" .error ;;
  Notification) event note warn '.title // .message' .message ;;
  Stop) event result info '.last_assistant_message // "Turn finished"' '.last_assistant_message // ""' ;;
  StopFailure) event error error '"Turn failed: " + .error' '.error_details // .error' ;;
esac
exit 0
`
}

export function geminiScript(target: CommandTarget): string {
  return jqScript(target, 'what the hooks of Gemini CLI tell', '$(cat)', '.session_id') + String.raw`${TOOL}

case $(field .hook_event_name) in
  SessionStart)
    send POST runs '$owner + {id: $run, source: "gemini-cli", workspace: .cwd,
      title: ("Gemini CLI in " + (.cwd | split("/") | last))}'
${START}
  AfterTool)
    if [ "$(field '.tool_response.error? != null')" = true ]
    then event error error ".tool_name + \": \" + ($tool | tostring)" .tool_response.error
    else event tool info ".tool_name + \": \" + ($tool | tostring)" "$tool"
    fi ;;
  BeforeAgent) event prompt info .prompt .prompt ;;
  AfterAgent) event result info '.prompt_response // "Turn finished"' '.prompt_response // ""' ;;
  Notification) event note warn .message .message ;;
esac
# Gemini CLI reads what a hook prints as JSON.
echo '{}'
`
}

export function codexScript(target: CommandTarget): string {
  return jqScript(target, 'each finished turn of Codex', '$1', '.["thread-id"]') + String.raw`
[ "$(field .type)" = agent-turn-complete ] || exit 0
answer='(.["last-assistant-message"] // "Turn finished")'
send POST runs '$owner + {id: $run, source: "codex", workspace: .cwd,
  title: ((.["input-messages"] // ["Codex"])[0] | split("\n")[0][0:300])}'
event result info "$answer" "$answer"
send PATCH "$this_run" '{status: "completed", finishedAt: (now | todate)}'
exit 0
`
}
