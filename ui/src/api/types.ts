import type { components } from './schema.gen'

type Schemas = components['schemas']

export type Project = Schemas['Project']
export type Run = Schemas['Run']
export type AgentEvent = Schemas['Event']
export type Meta = Schemas['Meta']

export type { ConnectionInfo, ListEventsFilter, ListRunsFilter, LiveChange, LiveState } from '@/transport'
export { ApiError, isApiError } from '@/transport'
