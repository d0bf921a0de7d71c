import type { CommonValues, RecordShape } from './record'

export interface CapabilityValues extends CommonValues {
  promptPack: string
  skillPack: string[]
  constraints: string[]
}

export const capabilityShape: RecordShape<CapabilityValues> = {
  texts: ['name', 'description', 'promptPack'],
  lists: ['skillPack', 'constraints'],
  objects: ['meta'],
  defaults: {},
}
