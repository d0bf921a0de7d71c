import type { components } from './schema.gen'

type Schemas = components['schemas']

export type Project = Schemas['Project']
export type AgentKey = Schemas['AgentKey']
export type AgentRight = Schemas['AgentRight']
export type NewAgentKey = Schemas['NewAgentKey']
export type UserEntry = Schemas['UserEntry']
export type SessionEntry = Schemas['SessionEntry']
export type Run = Schemas['Run']
export type AgentEvent = Schemas['Event']
export type EventFacets = Schemas['EventFacets']
export type Facet = Schemas['Facet']
export type Meta = Schemas['Meta']
export type Overview = Schemas['Overview']
export type Profile = Schemas['Profile']
export type Capability = Schemas['Capability']
export type RestoreReport = Schemas['RestoreReport']
export type BackupEntry = Schemas['BackupEntry']
export type RunFigures = Schemas['RunFigures']
export type TokenStats = Schemas['TokenStats']

export type { ConnectionInfo, ListEventsFilter, ListRunsFilter, LiveChange, LiveState, UsageFilter, UsageKey } from '@/transport'
export { ApiError, isApiError } from '@/transport'
